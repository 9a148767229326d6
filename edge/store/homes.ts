// Owns the contract of homes: where rooms live. Each region may have a store of its own for the rooms made there; services,
// the list of rooms and keys stay in the directory. How the buses of all homes are one is cluster/homes-bus.ts.
import type { Bus } from '../../schemas/bus.ts';
import type { Lease } from './lease.ts';
import type { Once } from './once.ts';
import type { Registry } from './registry.ts';
import type { RoomLog } from './room-log.ts';

/** What the life of a room needs. */
export interface HomePorts {
  readonly log: RoomLog;
  readonly lease: Lease;
  readonly once: Once;
  readonly bus: Bus;
  readonly registry: Registry;
  /**
   * Of these channels of the bus, those whose server was cut off from it without a word, each with what names the process
   * that it was in. None while this process was cut off itself a moment ago. Rejects with SluiceError `unavailable`. Absent
   * where nobody can be cut off.
   */
  readonly cutOff?: (channels: readonly string[]) => Promise<ReadonlyMap<string, string>>;
  /** Whether this edge is far from it; absent: as the rooms' settings say. */
  readonly far?: () => boolean;
}

export interface Homes {
  /** Where the rooms made by this process live; absent: beside the directory. */
  readonly own?: string;
  /**
   * The ports of a home; without a name, those beside the directory. Throws SluiceError `unavailable` for a home that this
   * process has not been told of.
   */
  readonly of: (home: string | undefined) => HomePorts;
  /** Each once, however many names it has. The one beside the directory comes first. */
  readonly all: readonly HomePorts[];
  /** All of their buses as one, on which `channelAt` names those of one home. */
  readonly bus: Bus;
}
