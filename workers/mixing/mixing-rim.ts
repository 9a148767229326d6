// Owns what all mixers of a worker share at the edge to the outside: time, chance, log, threads.
import type { ReportItem } from '../../schemas/worker.ts';
import type { Clock, Log } from '../clock.ts';
import type { EngineOrder } from './engine-order.ts';
import type { TappedPicture } from './pipeline.ts';
import type { ThreadPool } from './thread-pool.ts';

export interface MixingRim {
  /** Its `now` is the worker's steady clock: ms since 1970 with fractions, never going back. */
  readonly clock: Clock;
  readonly log: Log;
  readonly pool: ThreadPool;
  readonly engines: EngineOrder;
  /** Never 0. */
  random32(): number;
}

/** Tells the conductor of a room. */
export type Report = (items: readonly ReportItem[]) => void;

/** Takes a picture of a mixer's tap, which comes at its pace; the bytes are the receiver's. */
export type TakeTapped = (mixer: string, picture: TappedPicture) => void;
