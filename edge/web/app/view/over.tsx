// Owns the page after a conference.
import type { Meeting } from '../model/meeting.ts';
import { Logo } from './icons.tsx';

export function Over({ meeting }: { readonly meeting: Meeting }) {
  const reason = meeting.phase.name === 'over' ? meeting.phase.reason : undefined;
  return (
    <main class="over">
      <Logo />
      <h1>{reason?.title ?? 'You left the room'}</h1>
      <p>{reason?.advice ?? 'Thank you for being there.'}</p>
      <div class="over-actions">
        <button type="button" class="button primary" onClick={() => void meeting.join()}>
          Join again
        </button>
        <button type="button" class="button" onClick={() => meeting.reopen()}>
          Back to the lobby
        </button>
      </div>
    </main>
  );
}
