// Owns the measures of live rooms, with their reasons.
import type { Unsubscribe } from '../../schemas/bus.ts';
import type { MediaEngineOrder } from '../../schemas/media-engine.ts';
import type { Abilities } from './abilities.ts';
import { noTranscoders, type Transcoders } from './transcoders.ts';

export interface RoomSettings {
  /** Asked when a room opens: what is known by then of the workers with one of these engines; absent: any. */
  readonly transcoders: (engines: MediaEngineOrder | undefined) => Promise<Transcoders>;
  /** Tells what is known of them and whenever that changes, so that rooms offer what can be made now, no less and no more. */
  readonly watchTranscoders: (hear: (abilities: Abilities) => void) => Unsubscribe;
  /** A mixer that failed so often ends those who need it. After each failure it rests, at first so long. */
  readonly mixerTries: number;
  readonly mixerRestMs: number;
  /** How long a room without participants, streams and subscriptions stays (spec room-model §6.1). */
  readonly idleMs: number;
  /** A transport that has found no worker after this is given up; tried again every `placementRetryMs`. */
  readonly placementMs: number;
  readonly placementRetryMs: number;
  /** How long signaling waits for its transport to be placed, and then for the worker's answer. */
  readonly signalMs: number;
  /** How long a worker may take to acknowledge a document; then it is sent again. */
  readonly documentMs: number;
  /**
   * Whether this edge is far from the log: above about 1.5 ms of round trip it would lose against nearer edges, and leaves
   * deciding to the conductor.
   */
  readonly far: () => boolean;
  /** How long the conductor may take to decide; how long an edge that lost leaves it to it, and decides without it. */
  readonly forwardMs: number;
  readonly forwardHoldMs: number;
  readonly forwardRestMs: number;
  readonly leaseMs: number;
  readonly leaseRenewMs: number;
  /** Workers that live are heard of within this time: a new conductor takes nobody for lost before. */
  readonly heardWithinMs: number;
  /** How long a participant whose edge died may take to come back on another one. */
  readonly lostEdgeMs: number;
  /** Log entries whose notices are kept for clients that come back. */
  readonly historyEntries: number;
  /** A snapshot is taken about every so many entries, and at least `keepEntries` stay readable behind it. */
  readonly snapshotEvery: number;
  readonly keepEntries: number;
}

export const defaultRoomSettings: RoomSettings = {
  transcoders: () => Promise.resolve(noTranscoders),
  watchTranscoders: () => () => undefined,
  mixerTries: 3,
  mixerRestMs: 500,
  idleMs: 30_000,
  placementMs: 5000,
  placementRetryMs: 100,
  signalMs: 5000,
  documentMs: 5000,
  far: () => false,
  forwardMs: 400,
  forwardHoldMs: 100,
  forwardRestMs: 1000,
  leaseMs: 1000,
  leaseRenewMs: 300,
  heardWithinMs: 2500,
  lostEdgeMs: 20_000,
  historyEntries: 4096,
  snapshotEvery: 1000,
  keepEntries: 2000,
};
