// Owns the bar of buttons under the stage.
import { useChanges } from '../model/change.ts';
import type { Meeting } from '../model/meeting.ts';
import { Icon } from './icons.tsx';
import type { IconName } from './icons.tsx';
import type { PanelName } from './panel.tsx';

export interface ControlsProps {
  readonly meeting: Meeting;
  readonly panel: PanelName | undefined;
  readonly onPanel: (panel: PanelName | undefined) => void;
}

export function Controls({ meeting, panel, onPanel }: ControlsProps) {
  const { local, chat } = meeting;
  useChanges(local.changes, chat.changes);
  const mic = local.isOn('audio');
  const camera = local.isOn('video');
  const toggle = (name: PanelName) => () => onPanel(panel === name ? undefined : name);
  return (
    <nav class="controls" aria-label="Conference controls">
      <div class="controls-group">
        <Control
          icon={mic ? 'mic' : 'mic-off'}
          label={mic ? 'Mute' : 'Unmute'}
          off={!mic}
          pressed={!mic}
          disabled={local.track('audio') === undefined}
          shortcut="m"
          onClick={() => void meeting.setOn('audio', !mic)}
        />
        <Control
          icon={camera ? 'camera' : 'camera-off'}
          label={camera ? 'Stop camera' : 'Start camera'}
          off={!camera}
          pressed={!camera}
          disabled={local.track('video') === undefined}
          shortcut="v"
          onClick={() => void meeting.setOn('video', !camera)}
        />
        <Control
          icon="screen"
          label={meeting.sharing === undefined ? 'Share screen' : 'Stop sharing'}
          active={meeting.sharing !== undefined}
          pressed={meeting.sharing !== undefined}
          onClick={() => (meeting.sharing === undefined ? void meeting.share() : meeting.unshare())}
        />
      </div>
      <div class="controls-group">
        <Control
          icon="chat"
          label={chat.unread > 0 ? `Chat, ${chat.unread} unread` : 'Chat'}
          active={panel === 'chat'}
          pressed={panel === 'chat'}
          badge={chat.unread}
          shortcut="c"
          onClick={toggle('chat')}
        />
        <Control
          icon="people"
          label="People"
          active={panel === 'people'}
          pressed={panel === 'people'}
          shortcut="p"
          onClick={toggle('people')}
        />
        {meeting.watching?.watched.mode === 'mixed' && (
          <Control
            icon="layout"
            label="Picture"
            active={panel === 'picture'}
            pressed={panel === 'picture'}
            shortcut="l"
            onClick={toggle('picture')}
          />
        )}
        <Control
          icon="chart"
          label="Statistics"
          active={panel === 'statistics'}
          pressed={panel === 'statistics'}
          shortcut="s"
          onClick={toggle('statistics')}
        />
      </div>
      <Control icon="leave" label="Leave" danger onClick={() => meeting.leave()} />
    </nav>
  );
}

interface ControlProps {
  readonly icon: IconName;
  readonly label: string;
  readonly onClick: () => void;
  readonly off?: boolean;
  readonly active?: boolean;
  readonly danger?: boolean;
  readonly disabled?: boolean;
  readonly pressed?: boolean;
  readonly badge?: number;
  readonly shortcut?: string;
}

export function Control(props: ControlProps) {
  const { icon, label, onClick, off, active, danger, disabled, pressed, badge = 0, shortcut } = props;
  const look = [off && 'off', active && 'active', danger && 'danger'].filter(Boolean).join(' ');
  return (
    <button
      type="button"
      class={`control ${look}`}
      aria-label={label}
      title={shortcut === undefined ? label : `${label} (${shortcut.toUpperCase()})`}
      aria-pressed={pressed}
      aria-keyshortcuts={shortcut}
      disabled={disabled}
      onClick={onClick}
    >
      <Icon name={icon} />
      {badge > 0 && <span class="badge">{badge > 99 ? '99+' : badge}</span>}
    </button>
  );
}
