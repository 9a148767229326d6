// Owns which page is shown.
import { useChanges } from '../model/change.ts';
import type { Meeting } from '../model/meeting.ts';
import { Toasts } from './banner.tsx';
import { Lobby } from './lobby.tsx';
import { Over } from './over.tsx';
import { Room } from './room.tsx';

export function App({ meeting }: { readonly meeting: Meeting }) {
  useChanges(meeting.changes);
  return (
    <>
      <Page meeting={meeting} />
      <Toasts meeting={meeting} />
    </>
  );
}

function Page({ meeting }: { readonly meeting: Meeting }) {
  switch (meeting.phase.name) {
    case 'lobby':
    case 'joining':
      return <Lobby meeting={meeting} />;
    case 'inside':
      return <Room meeting={meeting} />;
    case 'over':
      return <Over meeting={meeting} />;
  }
}
