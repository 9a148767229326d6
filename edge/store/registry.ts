// Owns the contract of the worker registry: who is alive, and the atomic pick (spec cluster §2–§6). Who fits a demand and
// which of those is taken is edge/cluster's.
import type { Unsubscribe } from '../../schemas/bus.ts';
import type { MediaEngineOrder } from '../../schemas/media-engine.ts';
import type { Origin } from '../../schemas/room.ts';
import type { AliveAnnouncement, ScheduledPurpose } from '../../schemas/worker.ts';

/** What wants a worker. */
export interface Demand {
  readonly purpose: ScheduledPurpose;
  /** Names the piece of work within its purpose: the same task gets the same worker. */
  readonly task: string;
  /** Where its client is. Placeholders and empty texts are not given. */
  readonly origin: Origin;
  /** Of `video`: text forms of formats, `codec` or `codec_profile`. Decoders are matched by codec alone. */
  readonly formats?: { readonly decode: readonly string[]; readonly encode: readonly string[] };
  /** Of `video`: the worker must have one of these, and the formats with them; absent: any. */
  readonly engines?: MediaEngineOrder;
  /** Of `analytics`. */
  readonly algorithm?: string;
  /** Workers that are taken before all others while they are available and fit, the first of them first. */
  readonly near?: readonly string[];
  /** How long the task keeps its worker without being picked up; absent: as configured. */
  readonly reserveMs?: number;
}

/** Why there is no worker: none of the purpose is alive, all are full or not ready, or none matches the demand. */
export type NoWorker = 'nobody' | 'full' | 'mismatch';

export type Picked = { readonly worker: string } | { readonly worker?: never; readonly why: NoWorker };

/** All times are in milliseconds since 1970. */
export interface Registry {
  /**
   * Records that a worker is alive and what it says of itself; unknown ones are added, at the end of the order of joining.
   * Those that were removed are not: what is still under way of their announcements does not raise them.
   */
  announce(worker: AliveAnnouncement, now: number): Promise<void>;
  /** The worker has ended, by its own word or its supervisor's. Tells the watchers once. */
  remove(worker: string, reason: string): Promise<void>;
  /**
   * Removes workers not heard of for `afterMs`, as `lost`; with `among` only such of those. They are alive again when they are
   * heard of.
   */
  sweep(now: number, afterMs: number, among?: readonly string[]): Promise<void>;
  /**
   * The worker of that task while it is alive, not draining and can do what is asked, else one that is available and fits.
   * The task stays with it for `reserveMs`, and its cost (as the worker measured it, else an estimate) counts as load there
   * until a report can contain it.
   */
  pick(demand: Demand, now: number): Promise<Picked>;
  /** The task runs on that worker, whoever was picked: it stays there until it is laid down. Unknown workers: nothing. */
  pickUp(worker: string, purpose: ScheduledPurpose, task: string): Promise<void>;
  /** The task has ended there; it keeps its worker for its `reserveMs` once more. */
  layDown(worker: string, purpose: ScheduledPurpose, task: string, now: number): Promise<void>;
  /** The tasks picked up on a worker, in no order. */
  tasks(worker: string): Promise<readonly { readonly purpose: ScheduledPurpose; readonly task: string }[]>;
  /** The last announcement of a worker. */
  find(worker: string): Promise<AliveAnnouncement | undefined>;
  /** In the order of joining. */
  alive(): Promise<readonly AliveAnnouncement[]>;
  watch(lost: (worker: string, reason: string) => void): Unsubscribe;
}

/** What a failed pick is called where it is shown (spec cluster §2.4). */
export function noWorkerText(purpose: ScheduledPurpose, why: NoWorker): string {
  switch (why) {
    case 'nobody':
      return `No worker for ${purpose}`;
    case 'full':
      return `No worker for ${purpose}: all in full load`;
    case 'mismatch':
      return `No worker for ${purpose}: none matches the preference`;
  }
}
