// Owns the page of a running conference: head, stage, panel, controls, and the keyboard's short cuts.
import { useEffect, useState } from 'preact/hooks';
import type { Meeting } from '../model/meeting.ts';
import { Banner } from './banner.tsx';
import { ChatPanel } from './chat-panel.tsx';
import { Controls } from './controls.tsx';
import { Icon, Logo } from './icons.tsx';
import type { PanelName } from './panel.tsx';
import { PeoplePanel } from './people-panel.tsx';
import { PicturePanel } from './picture-panel.tsx';
import { Stage } from './stage.tsx';
import { StatisticsPanel } from './statistics-panel.tsx';

export function Room({ meeting }: { readonly meeting: Meeting }) {
  const [panel, setPanel] = useState<PanelName | undefined>(undefined);
  const close = (): void => setPanel(undefined);
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      if (event.key === 'Escape') {
        close();
        return;
      }
      if (event.target instanceof HTMLElement && event.target.matches('input, textarea, select')) return;
      const { local } = meeting;
      const toggle = (name: PanelName) => setPanel((open) => (open === name ? undefined : name));
      const actions: Readonly<Record<string, () => void>> = {
        m: () => void meeting.setOn('audio', !local.isOn('audio')),
        v: () => void meeting.setOn('video', !local.isOn('video')),
        c: () => toggle('chat'),
        p: () => toggle('people'),
        s: () => toggle('statistics'),
        l: () => {
          if (meeting.watching?.watched.mode === 'mixed') toggle('picture');
        },
      };
      const action = actions[event.key.toLowerCase()];
      if (action === undefined) return;
      event.preventDefault();
      action();
    };
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  }, [meeting]);
  const mixed = meeting.watching?.watched.mode === 'mixed';
  return (
    <main
      class={`room ${panel === undefined ? '' : 'with-panel'} ${panel === 'picture' ? 'with-sheet' : ''}`}
    >
      <header class="room-head">
        <Logo />
        <h1 class="room-name" title={meeting.conference?.room}>
          {meeting.room === '' ? 'Common room' : `Room ${meeting.room}`}
        </h1>
        <span class="head-count" title="People in the room">
          <Icon name="people" /> {meeting.people.length}
        </span>
      </header>
      <Banner meeting={meeting} />
      <Stage meeting={meeting} />
      {panel === 'chat' && <ChatPanel meeting={meeting} onClose={close} />}
      {panel === 'people' && <PeoplePanel meeting={meeting} onClose={close} />}
      {panel === 'picture' && mixed && <PicturePanel meeting={meeting} onClose={close} />}
      {panel === 'statistics' && <StatisticsPanel meeting={meeting} onClose={close} />}
      <Controls meeting={meeting} panel={panel} onPanel={setPanel} />
    </main>
  );
}
