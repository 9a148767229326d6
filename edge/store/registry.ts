// Owns the contract of the worker registry: who is alive, and the atomic pick (spec cluster §2–§5).
import type { Unsubscribe } from '../../schemas/bus.ts';
import type { Origin } from '../../schemas/room.ts';
import type { Purpose, WorkerAnnouncement } from '../../schemas/worker.ts';

export type AliveAnnouncement = Extract<WorkerAnnouncement, { type: 'alive' }>;

export interface Registry {
  /** Records that a worker is alive; unknown ones are added. `now` in milliseconds since 1970. */
  announce(worker: AliveAnnouncement, now: number): Promise<void>;
  /** The worker is gone, by its own word or its supervisor's. Tells the watchers once. */
  remove(worker: string, reason: string): Promise<void>;
  /** Removes workers not heard of for `afterMs`. */
  sweep(now: number, afterMs: number): Promise<void>;
  /** The same task gets the same worker while that is alive. Undefined when no worker fits. */
  pick(purpose: Purpose, task: string, origin: Origin): Promise<string | undefined>;
  alive(): Promise<readonly AliveAnnouncement[]>;
  watch(lost: (worker: string, reason: string) => void): Unsubscribe;
}
