// Owns what the driver of a crowd asks of its edges, and what they answer.
import type { Latencies } from './latencies.ts';

export type Order =
  /** So many participants join at this edge. */
  | { readonly do: 'fill'; readonly participants: number }
  /**
   * They talk from `at` (milliseconds since 1970) for `seconds`: each waits for its acknowledgement before the next text, or
   * with `perSecond` so many texts come in all of them, by chance (Poisson), whatever is acknowledged.
   */
  | { readonly do: 'talk'; readonly at: number; readonly seconds: number; readonly perSecond?: number }
  /** To log entry `seq`. */
  | { readonly do: 'catch-up'; readonly seq: number };

export interface Talk {
  /** Texts acknowledged, and how many of these while it was time to talk. */
  readonly acked: number;
  readonly ackedInTime: number;
  /** Attempts that failed and were made again with the same command id. */
  readonly repeated: number;
  /** Processor time of this edge while it was time to talk. */
  readonly cpuMs: number;
  /** From asking to acknowledgement. */
  readonly latencies: Latencies;
  readonly slowestMs: number;
  /** The latest log entry that an acknowledgement named. */
  readonly seq: number;
  /** By participant the number of its last text; they count from 1. */
  readonly said: readonly (readonly [participant: string, texts: number])[];
}

export interface Heard {
  readonly seq: number;
  readonly texts: number;
  /** Depends on the content and order of all texts heard. */
  readonly hash: number;
  /** By participant the number of the last text heard of it. */
  readonly last: readonly (readonly [participant: string, texts: number])[];
  /** What was not the next text of its participant, or of the log: at most ten. */
  readonly wrong: readonly string[];
  /** Of the folded state. */
  readonly state: string;
}

export type Answer =
  | { readonly done: 'open' }
  | { readonly done: 'fill'; readonly seq: number }
  | { readonly done: 'talk'; readonly talk: Talk }
  | { readonly done: 'catch-up'; readonly heard: Heard };
