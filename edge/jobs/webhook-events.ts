// Owns what of a room's life is told to webhooks. Pure.
import type { WebhookEvent } from '../../schemas/webhook.ts';
import type { Fold } from '../rooms/replica.ts';
import type { Participant, RoomState, Stream } from '../rooms/state.ts';

type What = Omit<WebhookEvent, 'id' | 'at' | 'room' | 'seq'>;

/** What one log entry has to tell, in order. Its ids are the same on every edge and at every time. */
export function webhookEventsOf({ seq, record, before, after }: Fold, epoch: string): WebhookEvent[] {
  if (record === undefined) return [];
  return told(record.event, before, after).map((what, index) => ({
    id: `${epoch}.${seq}.${index}`,
    at: record.at,
    room: after.id,
    seq,
    ...what,
  }));
}

function told(event: NonNullable<Fold['record']>['event'], before: RoomState, after: RoomState): What[] {
  switch (event.type) {
    case 'room-opened':
      return [{ type: 'room.opened' }];
    case 'room-closed':
      return [...ended(before, after), { type: 'room.closed', reason: event.reason }];
    case 'participant-joined':
      return [{ type: 'participant.joined', participant: shownParticipant(event.participant) }];
    case 'participant-left':
      return ended(before, after, event.dropped);
    case 'publication-ready': {
      const stream = after.streams.get(event.stream);
      return stream === undefined ? [] : [{ type: 'stream.added', stream: shownStream(stream) }];
    }
    case 'publication-ended':
    case 'transport-closed':
    case 'subscription-ended':
      return ended(before, after, event.reason);
    default:
      return [];
  }
}

/** Streams that clients saw, then who is gone. */
function ended(before: RoomState, after: RoomState, reason?: string): What[] {
  const why = reason === undefined ? {} : { reason };
  const streams = before.streams === after.streams ? [] : [...before.streams.values()];
  const people = before.participants === after.participants ? [] : [...before.participants.values()];
  return [
    ...streams
      .filter(({ id, phase }) => phase === 'ready' && !after.streams.has(id))
      .map((stream) => ({ type: 'stream.removed' as const, stream: shownStream(stream), ...why })),
    ...people
      .filter(({ id }) => !after.participants.has(id))
      .map((each) => ({ type: 'participant.left' as const, participant: shownParticipant(each), ...why })),
  ];
}

function shownParticipant({ id, user, role }: Pick<Participant, 'id' | 'user' | 'role'>) {
  return { id, user, role };
}

function shownStream({ id, owner }: Stream) {
  return { id, owner };
}
