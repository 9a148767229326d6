// Owns the step from room state to desired media: which document each worker should hold for the room, and which
// transports wait for a worker (architecture §4). It places nothing and remembers nothing: a worker that held transports
// of the room before and is not in `desired` now is to be sent a document without transports by the conductor.
import type { RoomDocument } from '../../schemas/room.ts';
import type {
  DesiredPublication,
  DesiredRoom,
  DesiredSubscription,
  DesiredTransport,
  Format,
} from '../../schemas/worker.ts';
import { audioOptional, videoOptional } from './optional.ts';
import type { RoomState, Stream, SubscribedTrack, Subscription, Transport } from './state.ts';

export interface Plan {
  readonly unplaced: readonly Transport[];
  /** By worker id. Every document is whole and has the version `state.seq`. */
  readonly desired: ReadonlyMap<string, DesiredRoom>;
}

export function plan(state: RoomState): Plan {
  const unplaced: Transport[] = [];
  const placed = new Map<string, DesiredTransport[]>();
  const publications = byTransport(state.streams.values());
  const subscriptions = byTransport(state.subscriptions.values());
  for (const transport of state.transports.values()) {
    if (transport.worker === undefined) {
      unplaced.push(transport);
      continue;
    }
    const transports = placed.get(transport.worker) ?? [];
    placed.set(transport.worker, transports);
    transports.push({
      id: transport.id,
      participant: transport.owner,
      publications: (publications.get(transport.id) ?? []).map((stream) =>
        publication(state.document, stream),
      ),
      subscriptions: (subscriptions.get(transport.id) ?? []).map((each) => subscription(state, each)),
    });
  }
  const desired = new Map<string, DesiredRoom>();
  for (const [worker, transports] of placed) {
    desired.set(worker, { room: state.id, version: state.seq, transports, mixers: [] });
  }
  return { unplaced, desired };
}

function byTransport<T extends { readonly transport: string }>(sessions: Iterable<T>): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const session of sessions) {
    const group = groups.get(session.transport);
    if (group === undefined) groups.set(session.transport, [session]);
    else group.push(session);
  }
  return groups;
}

function publication(document: RoomDocument | undefined, stream: Stream): DesiredPublication {
  return {
    id: stream.id,
    tracks: stream.requested.map(({ mid, kind }) => ({
      mid,
      kind,
      formats: document === undefined ? [] : [...document.mediaIn[kind]],
      paused: stream.tracks.some((track) => track.mid === mid && track.status === 'inactive'),
    })),
  };
}

function subscription(state: RoomState, { id, tracks }: Subscription): DesiredSubscription {
  return {
    id,
    tracks: tracks.map((track) => ({
      mid: track.mid,
      kind: track.kind,
      ...(track.track === undefined ? {} : { from: track.track }),
      formats: sourceFormats(state, track),
      preference: 'formats' as const,
      paused: track.status === 'inactive',
    })),
  };
}

/** The source's own format first, then what it can be turned into (room-model §6.3 step 4). */
function sourceFormats(state: RoomState, wanted: SubscribedTrack): Format[] {
  const source = state.streams.get(wanted.stream)?.tracks.find((track) => track.id === wanted.track);
  if (source === undefined || state.document === undefined) return [];
  const others =
    source.kind === 'audio'
      ? audioOptional(state.document, source.format)
      : videoOptional(state.document, source);
  return [source.format, ...others.format];
}
