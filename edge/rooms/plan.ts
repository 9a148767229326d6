// Owns the step from room state to desired media: which document each worker should hold for the room, and what waits for
// a worker (architecture §4). It places nothing and remembers nothing: a worker that held something of the room before
// and is not in `desired` now is to be sent an empty document by the conductor.
import type { Kind } from '../../schemas/media.ts';
import type { RoomDocument } from '../../schemas/room.ts';
import type {
  DesiredPublication,
  DesiredRoom,
  DesiredSubscription,
  DesiredTransport,
} from '../../schemas/worker.ts';
import { delivery } from './delivery.ts';
import { FormatLists } from './format-lists.ts';
import { planLinks } from './plan-links.ts';
import { PlannedMixers } from './plan-mixers.ts';
import type { RoomState, Stream, Subscription, Transport } from './state.ts';
import { internalParticipant } from './stream-info.ts';

export interface Plan {
  readonly unplaced: readonly Transport[];
  /** Which purpose its mixers need, wherever they run: `video` mixes sound too. */
  readonly mixes: Kind | false;
  /** By worker id. Every document is whole and has the version `state.seq`. */
  readonly desired: ReadonlyMap<string, DesiredRoom>;
}

export function plan(state: RoomState): Plan {
  const unplaced: Transport[] = [];
  const placed = new Map<string, DesiredTransport[]>();
  const publications = byTransport(state.streams.values());
  const subscriptions = byTransport(state.subscriptions.values());
  const media = { formats: new FormatLists(state), mixers: new PlannedMixers(state) };
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
      ...(transport.work === undefined ? {} : { work: transport.work }),
      publications: (publications.get(transport.id) ?? []).map((stream) =>
        publication(state.document, stream),
      ),
      subscriptions: (subscriptions.get(transport.id) ?? []).map((each) => subscription(state, media, each)),
    });
  }
  const mixers = [...media.mixers.mixers()];
  const home = state.mixing?.worker;
  if (home !== undefined && mixers.length > 0 && !placed.has(home)) placed.set(home, []);
  const desired = new Map<string, DesiredRoom>();
  for (const [worker, transports] of placed) {
    desired.set(worker, {
      room: state.id,
      version: state.seq,
      transports,
      mixers: worker === home ? mixers : [],
    });
  }
  const needs = mixers.some(({ kind }) => kind === 'video') ? 'video' : 'audio';
  return { unplaced, mixes: mixers.length > 0 && needs, desired: planLinks(desired) };
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

function subscription(
  state: RoomState,
  { formats, mixers }: { readonly formats: FormatLists; readonly mixers: PlannedMixers },
  { id, owner, tracks, revision }: Subscription,
): DesiredSubscription {
  return {
    id,
    ...(revision === undefined ? {} : { revision }),
    tracks: tracks.map((track) => {
      // What the server takes in is all its own, and a recording is to have it.
      const hears = owner === internalParticipant ? undefined : owner;
      const from = mixers.carrier(delivery(state, track), hears);
      return {
        mid: track.mid,
        kind: track.kind,
        ...(from === undefined ? {} : { from }),
        ...formats.of(track),
        paused: track.status === 'inactive',
      };
    }),
  };
}
