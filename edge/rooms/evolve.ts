// Owns the fold of the room log: the only place that makes new room states. It decides nothing and refuses nothing; an
// event about something that is not there changes only `seq`.
import type { RoomDocument, RoomSchedule } from '../../schemas/room.ts';
import type { LogRecord, RoomEvent } from './event.ts';
import {
  layoutSet,
  mixed,
  openViews,
  regionSet,
  spoken,
  unmixed,
  viewsWithTracks,
  viewsWithout,
} from './fold-views.ts';
import { noTranscoders } from './transcoders.ts';
import { put, without } from './persistent-map.ts';
import { removal } from './removal.ts';
import type { Ending } from './removal.ts';
import { openSelected, selectedWithout } from './selected-audio.ts';
import { emptyRoom } from './state.ts';
import type { RoomState, Stream, Subscription, Transport } from './state.ts';

/** The state after log entry number `seq`. Pure; `state` is left as it was. */
export function evolve(state: RoomState, record: LogRecord, seq: number): RoomState {
  const next = apply(state, record.event);
  const edges = forwarded(next.edges, record);
  const by = record.by;
  const actor = by === undefined ? undefined : next.participants.get(by.participant);
  if (by === undefined || actor === undefined || by.cid <= actor.lastCid) {
    return copied(next, seq, edges, next.participants);
  }
  return copied(next, seq, edges, put(next.participants, actor.id, { ...actor, lastCid: by.cid }));
}

type Whole = { readonly [Field in keyof Required<RoomState>]: RoomState[Field] };

/** Field by field: a spread costs forty times as much, and this is done for every entry at every edge. */
function copied(
  state: RoomState,
  seq: number,
  edges: RoomState['edges'],
  participants: RoomState['participants'],
): RoomState {
  const whole: Whole = {
    id: state.id,
    seq,
    edges,
    document: state.document,
    configured: state.configured,
    participants,
    transports: state.transports,
    streams: state.streams,
    subscriptions: state.subscriptions,
    transcoders: state.transcoders,
    views: state.views,
    selected: state.selected,
    mixing: state.mixing,
  };
  return whole;
}

/** More edges than this never serve one room; the first are long gone then. */
const maxEdges = 1000;

function forwarded(before: RoomState['edges'], { edge, n }: LogRecord): RoomState['edges'] {
  if (n === undefined || n <= (before.get(edge) ?? 0)) return before;
  const edges = put(before, edge, n);
  if (edges.size <= maxEdges) return edges;
  return without(edges, [...edges.keys()].slice(0, edges.size - maxEdges));
}

function apply(state: RoomState, event: RoomEvent): RoomState {
  switch (event.type) {
    case 'room-opened': {
      const { document, configured = document, transcoders = noTranscoders } = event;
      return {
        ...state,
        document,
        configured,
        transcoders,
        views: openViews(document, transcoders),
        selected: openSelected(document, transcoders),
      };
    }
    case 'transcoders-learned': {
      const { document, transcoders } = event;
      return {
        ...state,
        document,
        transcoders,
        views: openViews(document, transcoders, state.views),
        selected: state.selected.length > 0 ? state.selected : openSelected(document, transcoders),
      };
    }
    case 'room-closed':
      return emptyRoom(state.id);
    case 'schedule-changed': {
      const { document, configured } = state;
      if (document === undefined || configured === undefined) return state;
      return {
        ...state,
        document: scheduled(document, event.schedule),
        configured: scheduled(configured, event.schedule),
      };
    }
    case 'participant-joined': {
      const participant = { ...event.participant, lastCid: 0 };
      return { ...state, participants: put(state.participants, participant.id, participant) };
    }
    case 'participant-attached':
      return {
        ...state,
        participants: change(state.participants, event.participant, (participant) => ({
          ...participant,
          edge: event.edge,
        })),
      };
    case 'participant-left':
      return remove(state, { of: 'participant', id: event.participant });
    case 'permission-changed':
      return {
        ...state,
        participants: change(state.participants, event.participant, (participant) => ({
          ...participant,
          permission: event.permission,
        })),
      };
    case 'transport-opened': {
      const { transport: id, owner, purpose, origin, work } = event;
      const transport: Transport = {
        id,
        owner,
        purpose,
        origin,
        phase: 'opening',
        ...(work === undefined ? {} : { work }),
      };
      return { ...state, transports: put(state.transports, transport.id, transport) };
    }
    case 'transport-placed':
      return {
        ...state,
        transports: change(state.transports, event.transport, (transport) => ({
          ...transport,
          worker: event.worker,
        })),
      };
    case 'transport-ready':
      return {
        ...state,
        transports: change(state.transports, event.transport, (transport) => ({
          ...transport,
          phase: 'ready',
          ...(event.result === undefined ? {} : { result: event.result }),
        })),
      };
    case 'transport-closed':
      return remove(state, { of: 'transport', id: event.transport });
    case 'publication-requested': {
      const stream: Stream = {
        id: event.stream,
        owner: event.owner,
        type: event.streamType,
        transport: event.transport,
        requested: event.tracks,
        ...(event.attributes === undefined ? {} : { attributes: event.attributes }),
        phase: 'connecting',
        tracks: [],
        inViews: [],
      };
      return { ...state, streams: put(state.streams, stream.id, stream) };
    }
    case 'publication-ready':
      return {
        ...state,
        streams: change(state.streams, event.stream, (stream) => ({
          ...stream,
          phase: 'ready',
          tracks: event.tracks,
        })),
      };
    case 'publication-changed': {
      const rest = remove(state, { of: 'tracks', stream: event.stream, kept: event.tracks });
      const stream = rest.streams.get(event.stream);
      if (stream === undefined) return rest;
      const changed = { ...stream, tracks: event.tracks };
      return {
        ...rest,
        streams: put(rest.streams, stream.id, changed),
        views: viewsWithTracks(rest, changed),
      };
    }
    case 'publication-ended':
      return remove(state, { of: 'stream', id: event.stream });
    case 'stream-status-changed':
      return {
        ...state,
        streams: change(state.streams, event.stream, (stream) => ({
          ...stream,
          tracks: stream.tracks.map((track) =>
            track.kind === event.kind ? { ...track, status: event.status } : track,
          ),
        })),
      };
    case 'subscription-requested': {
      const subscription: Subscription = {
        id: event.subscription,
        owner: event.owner,
        transport: event.transport,
        phase: 'connecting',
        tracks: event.tracks,
      };
      return { ...state, subscriptions: put(state.subscriptions, subscription.id, subscription) };
    }
    case 'subscription-ready':
      return {
        ...state,
        subscriptions: change(
          state.subscriptions,
          event.subscription,
          ({ restore: _done, ...subscription }) => ({
            ...subscription,
            phase: 'ready',
          }),
        ),
      };
    case 'subscription-replaced':
      return {
        ...state,
        subscriptions: change(state.subscriptions, event.subscription, (subscription) => ({
          ...subscription,
          tracks: event.tracks,
          revision: (subscription.revision ?? 0) + 1,
          restore: subscription.tracks,
        })),
      };
    case 'subscription-restored':
      return {
        ...state,
        subscriptions: change(state.subscriptions, event.subscription, ({ restore, ...subscription }) => ({
          ...subscription,
          tracks: restore ?? subscription.tracks,
          revision: (subscription.revision ?? 0) + 1,
        })),
      };
    case 'subscription-changed':
      return {
        ...state,
        subscriptions: change(state.subscriptions, event.subscription, (subscription) => ({
          ...subscription,
          tracks: event.tracks,
        })),
      };
    case 'subscription-ended':
      return remove(state, { of: 'subscription', id: event.subscription });
    case 'stream-mixed':
      return mixed(state, event.stream, event.view);
    case 'stream-unmixed':
      return unmixed(state, event.stream, event.view);
    case 'region-set':
      return regionSet(state, event.view, event.stream, event.region);
    case 'layout-set':
      return layoutSet(state, event.view, event.layout);
    case 'speaker-heard':
      return spoken(state, event.view, event.stream);
    case 'audio-selected':
      return { ...state, selected: event.selected };
    case 'text-sent':
      return state;
    case 'mixing-placed':
      return { ...state, mixing: { worker: event.worker } };
    case 'mixing-displaced': {
      const { mixing: _displaced, ...rest } = state;
      return rest;
    }
  }
}

function scheduled({ schedule: _, ...rest }: RoomDocument, schedule: RoomSchedule | undefined): RoomDocument {
  return { ...rest, ...(schedule && { schedule }) };
}

function remove(state: RoomState, ending: Ending): RoomState {
  const gone = removal(state, ending);
  const ids = (sessions: readonly { readonly id: string }[]) => sessions.map((session) => session.id);
  return {
    ...state,
    participants: without(state.participants, gone.participants),
    transports: without(state.transports, gone.transports),
    streams: without(state.streams, ids(gone.streams)),
    views: viewsWithout(state.views, gone.streams),
    selected: selectedWithout(state.selected, gone.streams),
    subscriptions: without(state.subscriptions, ids([...gone.subscriptions, ...gone.orphans])),
  };
}

function change<T>(
  map: ReadonlyMap<string, T>,
  id: string,
  changed: (value: T) => T,
): ReadonlyMap<string, T> {
  const value = map.get(id);
  return value === undefined ? map : put(map, id, changed(value));
}
