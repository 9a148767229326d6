// Owns the bytes of a folded state: MessagePack, maps as lists of their values.
import { decode, encode } from '@msgpack/msgpack';
import { mapOf } from './persistent-map.ts';
import type { RoomState } from './state.ts';

interface Saved {
  readonly version: 2;
  readonly id: string;
  readonly seq: number;
  readonly edges: readonly (readonly [string, number])[];
  readonly document?: RoomState['document'];
  /** Absent where it is the same. */
  readonly configured?: RoomState['configured'];
  readonly participants: readonly Keyed<RoomState['participants']>[];
  readonly transports: readonly Keyed<RoomState['transports']>[];
  readonly streams: readonly Keyed<RoomState['streams']>[];
  readonly subscriptions: readonly Keyed<RoomState['subscriptions']>[];
  readonly transcoders: RoomState['transcoders'];
  readonly views: readonly Keyed<RoomState['views']>[];
  readonly selected: RoomState['selected'];
  readonly mixing?: RoomState['mixing'];
}
type Keyed<M> = M extends ReadonlyMap<string, infer T> ? T : never;

/** A state holds records somewhat deeper than a log entry does. */
const maxDepth = 200;

export function encodeState(state: RoomState): Uint8Array {
  const saved: Saved = {
    version: 2,
    id: state.id,
    seq: state.seq,
    edges: [...state.edges],
    ...(state.document && { document: state.document }),
    ...(state.configured !== state.document && { configured: state.configured }),
    participants: [...state.participants.values()],
    transports: [...state.transports.values()],
    streams: [...state.streams.values()],
    subscriptions: [...state.subscriptions.values()],
    transcoders: state.transcoders,
    views: [...state.views.values()],
    selected: state.selected,
    ...(state.mixing && { mixing: state.mixing }),
  };
  return encode(saved, { ignoreUndefined: true, maxDepth });
}

/** Undefined for bytes that are no snapshot of room `id`. */
export function decodeState(id: string, bytes: Uint8Array): RoomState | undefined {
  let saved: unknown;
  try {
    saved = decode(bytes);
  } catch {
    return undefined;
  }
  if (!isSaved(saved) || saved.id !== id) return undefined;
  return {
    id,
    seq: saved.seq,
    edges: mapOf(saved.edges),
    document: saved.document,
    configured: saved.configured ?? saved.document,
    participants: byId(saved.participants),
    transports: byId(saved.transports),
    streams: byId(saved.streams),
    subscriptions: byId(saved.subscriptions),
    transcoders: saved.transcoders,
    views: new Map(saved.views.map((view) => [view.label, view])),
    selected: saved.selected,
    mixing: saved.mixing,
  };
}

function byId<T extends { readonly id: string }>(values: readonly T[]): ReadonlyMap<string, T> {
  return mapOf(values.map((value) => [value.id, value]));
}

/** Its frame; what is inside was written by an edge of ours. */
function isSaved(value: unknown): value is Saved {
  if (typeof value !== 'object' || value === null) return false;
  const lists = ['participants', 'transports', 'streams', 'subscriptions'];
  const fields = new Map<string, unknown>(Object.entries(value));
  return (
    fields.get('version') === 2 &&
    typeof fields.get('id') === 'string' &&
    typeof fields.get('seq') === 'number' &&
    lists.every((name) => isListOfIds(fields.get(name))) &&
    ['views', 'selected'].every((name) => Array.isArray(fields.get(name)))
  );
}

function isListOfIds(value: unknown): boolean {
  return (
    Array.isArray(value) &&
    value.every(
      (each: unknown) =>
        typeof each === 'object' && each !== null && 'id' in each && typeof each.id === 'string',
    )
  );
}
