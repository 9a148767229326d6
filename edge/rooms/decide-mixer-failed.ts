// Owns who loses what when a mixer cannot run. Views, layouts and publications stay: only what it made is not there.
import type { Decision } from './command.ts';
import { accept } from './decision.ts';
import type { OpenRoom } from './decision.ts';
import { delivery, mixerOf } from './delivery.ts';

/** The reason told to subscribers; the worker's own is for logs. */
export const mixingFailed = 'Mixing or transcoding failed';

export function decideMixerFailed(room: OpenRoom, worker: string, mixer: string): Decision {
  if (room.mixing?.worker !== worker) return accept();
  const losing = [...room.subscriptions.values()].filter(({ tracks }) =>
    tracks.some((track) => mixerOf(room.id, delivery(room, track)) === mixer),
  );
  return accept(
    ...losing.map(
      ({ id }) => ({ type: 'subscription-ended', subscription: id, reason: mixingFailed }) as const,
    ),
  );
}
