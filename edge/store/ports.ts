// Owns the set of ports an edge runs on. One implementation a folder below edge/platform.
import type { Bus } from '../../schemas/bus.ts';
import type { Directory } from './directory.ts';
import type { Homes } from './homes.ts';
import type { Jobs } from './jobs.ts';
import type { Lease } from './lease.ts';
import type { Once } from './once.ts';
import type { Registry } from './registry.ts';
import type { RoomLog } from './room-log.ts';

export interface Ports {
  readonly log: RoomLog;
  readonly directory: Directory;
  readonly registry: Registry;
  readonly lease: Lease;
  readonly once: Once;
  readonly jobs: Jobs;
  readonly bus: Bus;
  /** Where rooms live; absent: all of them here. */
  readonly homes?: Homes;
  close(): Promise<void>;
}
