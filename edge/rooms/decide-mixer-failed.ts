// Owns who loses what when a mixer cannot run. Views, layouts and publications stay: only what it made is not there.
import type { Command, Decision } from './command.ts';
import { accept } from './decision.ts';
import type { OpenRoom } from './decision.ts';
import { delivery, mixerOf, type Delivery } from './delivery.ts';

/** The reason told to subscribers; the worker's own is for logs. */
export const mixingFailed = 'Mixing or transcoding failed';

export function decideMixerFailed(room: OpenRoom, worker: string, mixer: string): Decision {
  if (room.mixing?.worker !== worker) return accept();
  const { mediaEngines } = room.document;
  const allowed = mediaEngines === undefined ? '' : ` (this room allows ${mediaEngines.join(', ')} alone)`;
  return losing(room, (how) => mixerOf(room.id, how) === mixer, mixingFailed + allowed);
}

/** Sounds are made anywhere. */
export function decideMixingUnplaceable(
  room: OpenRoom,
  { reason }: Extract<Command, { type: 'mixing-unplaceable' }>,
): Decision {
  const isPicture = (how: Delivery): boolean =>
    (how.by === 'view' || how.by === 'transcoder') && how.kind === 'video';
  return losing(room, isPicture, reason);
}

function losing(room: OpenRoom, loses: (how: Delivery) => boolean, reason: string): Decision {
  const ended = [...room.subscriptions.values()].filter(({ tracks }) =>
    tracks.some((track) => loses(delivery(room, track))),
  );
  return accept(
    ...ended.map(({ id }) => ({ type: 'subscription-ended', subscription: id, reason }) as const),
  );
}
