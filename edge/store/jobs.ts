// Owns the contract of jobs: work that nobody waits for, done by some edge, later or again if need be: webhooks, opening and
// closing rooms at their time, retention. What a user waits for is no job.
import type { Unsubscribe } from '../../schemas/bus.ts';

export interface JobRequest {
  /** Says who does it: lower-case letters, digits and hyphens. */
  readonly kind: string;
  /**
   * Any text of 1 to 256 characters. A waiting job of that kind and id is replaced; while one is being done, the
   * new one is ignored. Without an id each job is one of its own.
   */
  readonly id?: string;
  /** Plain data, as JSON can carry it. */
  readonly data: unknown;
  /** Not before this time, milliseconds since 1970; default: now. */
  readonly at?: number;
  /** How often it is tried, and how long after the first failure; each further wait is twice as long. Default: once. */
  readonly tries?: { readonly most: number; readonly firstDelayMs: number };
}

export interface JobRun {
  readonly data: unknown;
  /** From 1. */
  readonly attempt: number;
}

export interface FailedJob {
  readonly data: unknown;
  /** Safe to show. */
  readonly reason: string;
}

export interface Jobs {
  /** Whether jobs outlive this process. */
  readonly lasting: boolean;
  /** Rejects with SluiceError `unavailable` when the store cannot be reached: the job may have been added all the same. */
  add(job: JobRequest): Promise<void>;
  /** Whether there was such a job that waited. Rejects as `add`. */
  cancel(kind: string, id: string): Promise<boolean>;
  /** Adds a job of that kind every `everyMs`, once for all edges that ask for it; the first one within `everyMs`. */
  repeat(kind: string, everyMs: number): Promise<void>;
  /**
   * Does jobs of a kind here, at most `atOnce` (default 1) at a time; one worker a kind and process. A job is done at least
   * once: again when the process died doing it, or when `handler` rejects and tries are left.
   */
  work(kind: string, handler: (job: JobRun) => Promise<void>, atOnce?: number): Unsubscribe;
  /** Jobs that are not tried any more, the latest first; at least the latest 100 of a kind are kept. */
  failed(kind: string, limit: number): Promise<readonly FailedJob[]>;
  /** Takes no more jobs, and resolves when those being done here are done, or after some seconds. */
  close(): Promise<void>;
}
