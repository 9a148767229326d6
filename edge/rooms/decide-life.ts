// Owns when a room opens and closes. How long it may stay empty is its edge's matter.
import type { Command, Decision } from './command.ts';
import { accept } from './decision.ts';
import type { OpenRoom } from './decision.ts';
import { internalParticipant } from './stream-info.ts';

export function decideOpen({ document, transcoders }: Extract<Command, { type: 'open' }>): Decision {
  return accept({ type: 'room-opened', document, ...(transcoders && { transcoders }) });
}

/** One event ends everything: `evolve` empties the room and `notify` tells each session's owner. */
export function decideClose(command: Extract<Command, { type: 'close' }>): Decision {
  return accept({ type: 'room-closed', reason: command.reason });
}

/** Room-model §6.1: no participants, no forward streams, no subscriptions. Selecting streams are the room's own. */
export function decideCloseIfIdle(room: OpenRoom): Decision {
  const participants = [...room.participants.keys()].some((id) => id !== internalParticipant);
  const streams = [...room.streams.values()].some((stream) => stream.type !== 'selecting');
  if (participants || streams || room.subscriptions.size > 0) return accept();
  return accept({ type: 'room-closed', reason: 'Room is idle' });
}
