// Owns what is said to who is alone in a room: the link to share.
import type { Meeting } from '../model/meeting.ts';
import { Icon } from './icons.tsx';

export function Alone({ meeting }: { readonly meeting: Meeting }) {
  const link = new URL(location.href);
  link.search = '';
  const room = meeting.conference?.room;
  if (room !== undefined) link.searchParams.set('room', room);
  const copy = (): void => {
    navigator.clipboard.writeText(link.href).then(
      () => meeting.inform('The link is copied.'),
      () => meeting.inform(link.href),
    );
  };
  return (
    <div class="alone">
      <p>
        You are alone here. Share the link:
        <span class="alone-link">{link.href.replace(/^https?:\/\//, '')}</span>
      </p>
      <button type="button" class="button" onClick={copy}>
        <Icon name="link" /> Copy
      </button>
    </div>
  );
}
