// Owns when a room opens and closes, and with what can be made in it. How long it may stay empty is its edge's matter.
import { makeable } from './capabilities.ts';
import type { Command, Decision } from './command.ts';
import { accept } from './decision.ts';
import type { OpenRoom } from './decision.ts';
import { internalParticipant } from './stream-info.ts';
import { sameTranscoders } from './transcoders.ts';
import { noLongerMade, unmadeCodec } from './unmade.ts';

/** Clients are offered nothing that cannot be made. */
export function decideOpen(command: Extract<Command, { type: 'open' }>): Decision {
  const { document, transcoders } = command;
  if (transcoders === undefined) return accept({ type: 'room-opened', document });
  const made = makeable(document, transcoders);
  const isLess = JSON.stringify(made) !== JSON.stringify(document);
  return accept({
    type: 'room-opened',
    document: made,
    ...(isLess && { configured: document }),
    transcoders,
  });
}

/**
 * Kinds of media are only ever more: workers that mix are started again. Codecs that nobody makes any more are no longer
 * offered, and whoever is sent them is told that this has ended.
 */
export function decideLearn(
  room: OpenRoom,
  command: Extract<Command, { type: 'learn-transcoders' }>,
): Decision {
  const { audio, video } = room.transcoders;
  const now = command.transcoders;
  const transcoders = { ...now, audio: audio || now.audio, video: video || now.video };
  if (sameTranscoders(transcoders, room.transcoders)) return accept();
  const document = makeable(room.configured ?? room.document, transcoders);
  const after = { ...room, document, transcoders };
  const lost = [...room.subscriptions.values()].flatMap(({ id: subscription, tracks }) => {
    const carried = tracks.filter((track) => unmadeCodec(room, track) === undefined);
    const codec = carried.flatMap((track) => unmadeCodec(after, track) ?? [])[0];
    const reason = codec && noLongerMade(codec);
    return reason === undefined ? [] : [{ type: 'subscription-ended', subscription, reason } as const];
  });
  return accept({ type: 'transcoders-learned', document, transcoders }, ...lost);
}

/** One event ends everything: `evolve` empties the room and `notify` tells each session's owner. */
export function decideClose(command: Extract<Command, { type: 'close' }>): Decision {
  return accept({ type: 'room-closed', reason: command.reason });
}

/** Changes nothing for those who are inside. */
export function decideReschedule(
  { document }: OpenRoom,
  { schedule }: Extract<Command, { type: 'reschedule' }>,
): Decision {
  const { opensAt, closesAt } = document.schedule ?? {};
  if (schedule?.opensAt === opensAt && schedule?.closesAt === closesAt) return accept();
  return accept({ type: 'schedule-changed', ...(schedule && { schedule }) });
}

/** Room-model §6.1: no participants, no forward streams, no subscriptions. */
export function decideCloseIfIdle(room: OpenRoom): Decision {
  const participants = [...room.participants.keys()].some((id) => id !== internalParticipant);
  if (participants || room.streams.size > 0 || room.subscriptions.size > 0) return accept();
  return accept({ type: 'room-closed', reason: 'Room is idle' });
}
