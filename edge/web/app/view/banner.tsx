// Owns the strip that tells when the connection or the media is being mended, and passing messages.
import type { Meeting } from '../model/meeting.ts';
import { Icon } from './icons.tsx';

export function Banner({ meeting }: { readonly meeting: Meeting }) {
  const text = wordsFor(meeting);
  return (
    <div class="banner-place" role="status" aria-live="polite">
      {text !== undefined && (
        <p class="banner">
          <span class="spinner" aria-hidden="true" /> {text}
        </p>
      )}
      {text === undefined && <MixFailure meeting={meeting} />}
    </div>
  );
}

function MixFailure({ meeting: { watching } }: { readonly meeting: Meeting }) {
  if (watching?.watched.mode !== 'forward' || watching.watched.because !== 'failed') return null;
  return (
    <div class="banner">
      <Icon name="warning" />
      <p title={watching.watched.reason}>The mixed picture stopped. You see everybody one by one.</p>
      <button type="button" class="button" onClick={() => watching.retry()}>
        Try again
      </button>
    </div>
  );
}

function wordsFor({ conference }: Meeting): string | undefined {
  if (conference === undefined) return undefined;
  if (conference.connectionState.phase === 'reconnecting') return 'Connection lost. Reconnecting…';
  const link = conference.linkState;
  if (link.phase !== 'recovering') return undefined;
  return link.reason === 'Node lost'
    ? 'A media server was lost. Resuming on another…'
    : 'Picture and sound were interrupted. Resuming…';
}

export function Toasts({ meeting }: { readonly meeting: Meeting }) {
  return (
    <ul class="toasts" aria-live="assertive">
      {meeting.toasts.map(({ key, tone, text }) => (
        <li key={key} class={`toast ${tone}`}>
          {tone === 'problem' && <Icon name="warning" />}
          <span>{text}</span>
          <button type="button" class="tool" aria-label="Dismiss" onClick={() => meeting.dismiss(key)}>
            <Icon name="close" />
          </button>
        </li>
      ))}
    </ul>
  );
}
