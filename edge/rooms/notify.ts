// Owns what clients are told of each event (portal-protocol §8): pure, one event at a time, in the order of §8.3. Who
// asked for an end is not told of it: such events carry no reason.
import type { AddressedNotice, Audience, Notice } from '../../schemas/notice.ts';
import type { RoomEvent } from './event.ts';
import { selectionUpdates, viewUpdates } from './notify-own-streams.ts';
import { removal } from './removal.ts';
import type { Ending, Removal } from './removal.ts';
import type { RoomState } from './state.ts';
import { roomView, streamInfo } from './stream-info.ts';

/** The reason given to subscribers whose source went away. */
export const sourceStreamLoss = 'Source stream loss';
/** The reason given to every session when its room closes. */
export const roomDestruction = 'Room destruction';

/** One object for all of them: most of what is kept for clients that come back is talk. */
const everybody: Audience = { to: 'all' };

/** The notices of one event; `before` and `after` are the states around it. */
export function notify(before: RoomState, event: RoomEvent, after: RoomState): readonly AddressedNotice[] {
  const notices = told(before, event, after);
  const notifying = before.document?.notifying;
  if (notifying === undefined || (notifying.participantActivities && notifying.streamChange)) return notices;
  return notices.filter(({ notice }) => {
    switch (notice.type) {
      case 'participant-joined':
      case 'participant-left':
        return notifying.participantActivities;
      case 'stream-added':
      case 'stream-updated':
      case 'stream-removed':
        return notifying.streamChange;
      default:
        return true;
    }
  });
}

function told(before: RoomState, event: RoomEvent, after: RoomState): readonly AddressedNotice[] {
  switch (event.type) {
    case 'transcoders-learned':
      return offeredNow(before, after);
    case 'room-closed':
      return [
        ...ends(before, { of: 'room' }, roomDestruction, after),
        all({ type: 'dropped', reason: event.reason }),
      ];
    case 'participant-joined': {
      const { id, user, role } = event.participant;
      return [except(id, { type: 'participant-joined', participant: { id, user, role } })];
    }
    case 'participant-left':
      return participantLeft(before, event, after);
    case 'transport-ready':
      return one(before.transports.get(event.transport)?.owner, {
        type: 'transport-ready',
        transport: event.transport,
      });
    case 'transport-closed':
      return transportClosed(before, event, after);
    case 'publication-ready':
      return publicationReady(after, event.stream);
    case 'publication-changed': {
      const stream = after.streams.get(event.stream);
      const gone = removal(before, { of: 'tracks', stream: event.stream, kept: event.tracks });
      return [
        ...sourceLosses(gone),
        ...(stream?.phase === 'ready'
          ? [updated(stream.id, { field: '.', value: streamInfo(after, stream) })]
          : []),
        ...streamsGone(before, gone, after, all),
      ];
    }
    case 'publication-ended':
      return ends(before, { of: 'stream', id: event.stream }, event.reason, after);
    case 'stream-status-changed':
      if (!after.streams.has(event.stream)) return [];
      return [updated(event.stream, { field: `${event.kind}.status`, value: event.status })];
    case 'subscription-ready': {
      const subscription = after.subscriptions.get(event.subscription);
      return subscription === undefined ? [] : one(subscription.owner, sessionReady(subscription));
    }
    case 'subscription-ended':
      return ends(before, { of: 'subscription', id: event.subscription }, event.reason, after);
    case 'stream-mixed':
    case 'stream-unmixed': {
      const stream = after.streams.get(event.stream);
      if (stream === undefined || stream === before.streams.get(stream.id)) return [];
      return [
        updated(stream.id, { field: '.', value: streamInfo(after, stream) }),
        ...viewsChanged(before, after, all),
      ];
    }
    case 'region-set':
    case 'layout-set':
    case 'speaker-heard':
      return viewsChanged(before, after, all);
    case 'audio-selected':
      return selectionChanged(before, after, all);
    case 'text-sent': {
      const { from, to, message } = event;
      if (to === 'all') return [all({ type: 'text', from, to: 'all', message })];
      return one(to, { type: 'text', from, to: 'me', message });
    }
    case 'room-opened':
    case 'schedule-changed':
    case 'participant-attached':
    case 'permission-changed':
    case 'transport-opened':
    case 'transport-placed':
    case 'publication-requested':
    case 'subscription-requested':
    case 'subscription-changed':
    case 'subscription-replaced':
    case 'subscription-restored':
    case 'mixing-placed':
    case 'mixing-displaced':
      return [];
  }
}

type Of<T extends RoomEvent['type']> = Extract<RoomEvent, { type: T }>;
type Address = (notice: Notice) => AddressedNotice;

/** The room's own streams that are there now, and those of which something else is offered. */
function offeredNow(before: RoomState, after: RoomState): AddressedNotice[] {
  const known = new Map(roomView(before).streams.map((stream) => [stream.id, JSON.stringify(stream)]));
  return roomView(after).streams.flatMap((stream) => {
    const was = known.get(stream.id);
    if (was === undefined) return all({ type: 'stream-added', stream });
    return was === JSON.stringify(stream) ? [] : updated(stream.id, { field: '.', value: stream });
  });
}

function participantLeft(
  before: RoomState,
  { participant: id, dropped }: Of<'participant-left'>,
  after: RoomState,
): AddressedNotice[] {
  const others: Address = (notice) => except(id, notice);
  return [
    ...(dropped === undefined ? [] : one(id, { type: 'dropped', reason: dropped })),
    ...othersLose(before, removal(before, { of: 'participant', id }), after, others),
  ];
}

function transportClosed(
  before: RoomState,
  { transport: id, reason }: Of<'transport-closed'>,
  after: RoomState,
): AddressedNotice[] {
  const owner = before.transports.get(id)?.owner;
  const gone = removal(before, { of: 'transport', id });
  return [
    ...sessionsEnded(gone, reason),
    ...(reason === undefined ? [] : one(owner, { type: 'transport-failed', transport: id, reason })),
    ...othersLose(before, gone, after, all),
  ];
}

function publicationReady(after: RoomState, id: string): AddressedNotice[] {
  const stream = after.streams.get(id);
  if (stream === undefined) return [];
  return [
    ...one(stream.owner, sessionReady(stream)),
    all({ type: 'stream-added', stream: streamInfo(after, stream) }),
  ];
}

function ends(
  before: RoomState,
  ending: Ending,
  reason: string | undefined,
  after: RoomState,
): AddressedNotice[] {
  const gone = removal(before, ending);
  const told = sessionsEnded(gone, reason);
  // A closing room drops everybody: its streams need no word of their own.
  return ending.of === 'room' ? told : [...told, ...othersLose(before, gone, after, all)];
}

/** To the owners of what ended itself. */
function sessionsEnded(gone: Removal, reason: string | undefined): AddressedNotice[] {
  if (reason === undefined) return [];
  return [...gone.streams, ...gone.subscriptions].flatMap((session) => ended(session, reason));
}

/**
 * Who left first. Then to the subscribers, then to everybody: the SDK ends its subscription before it forgets the stream.
 * It is out of every layout before that too, so that none names a stream that clients do not know.
 */
function othersLose(before: RoomState, gone: Removal, after: RoomState, address: Address): AddressedNotice[] {
  return [
    ...gone.participants.map((participant) => address({ type: 'participant-left', participant })),
    ...sourceLosses(gone),
    ...streamsGone(before, gone, after, address),
  ];
}

function streamsGone(
  before: RoomState,
  gone: Removal,
  after: RoomState,
  address: Address,
): AddressedNotice[] {
  const shown = gone.streams.filter((stream) => stream.phase === 'ready');
  return [
    ...viewsChanged(before, after, address),
    ...selectionChanged(before, after, address),
    ...shown.map((stream) => address({ type: 'stream-removed', stream: stream.id })),
  ];
}

function sourceLosses(gone: Removal): AddressedNotice[] {
  return gone.orphans.flatMap((subscription) => ended(subscription, sourceStreamLoss));
}

function viewsChanged(before: RoomState, after: RoomState, address: Address): AddressedNotice[] {
  return viewUpdates(before, after).map((each) => address({ type: 'stream-updated', ...each }));
}

function selectionChanged(before: RoomState, after: RoomState, address: Address): AddressedNotice[] {
  return selectionUpdates(before, after).map((each) => address({ type: 'stream-updated', ...each }));
}

interface Session {
  readonly id: string;
  readonly owner: string;
  readonly transport: string;
}

function ended(session: Session, reason: string): AddressedNotice[] {
  return one(session.owner, {
    type: 'session-ended',
    transport: session.transport,
    session: session.id,
    reason,
  });
}

function sessionReady(session: Session): Notice {
  return { type: 'session-ready', transport: session.transport, session: session.id };
}

function updated(
  stream: string,
  update: Extract<Notice, { type: 'stream-updated' }>['update'],
): AddressedNotice {
  return all({ type: 'stream-updated', stream, update });
}

function all(notice: Notice): AddressedNotice {
  return { audience: everybody, notice };
}

function except(participant: string, notice: Notice): AddressedNotice {
  return { audience: { to: 'except', participant }, notice };
}

function one(participant: string | undefined, notice: Notice): AddressedNotice[] {
  return participant === undefined ? [] : [{ audience: { to: 'one', participant }, notice }];
}
