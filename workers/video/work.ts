// Owns how long the work of one pipeline takes: as statistics, and as what was spent since the last look.
import { Recent } from './recent.ts';

export type WorkKind = 'decode' | 'compose' | 'encode';

export class Work {
  readonly recent: Readonly<Record<WorkKind, Recent>> = {
    decode: new Recent(),
    compose: new Recent(),
    encode: new Recent(),
  };
  /** What samples are dated with; set before work begins. */
  nowMs = 0;
  readonly #measure: () => number;
  #spent: Record<WorkKind, number> = { decode: 0, compose: 0, encode: 0 };

  /** `measure`: milliseconds of any clock that runs while work is done. */
  constructor(measure: () => number) {
    this.#measure = measure;
  }

  time<Result>(kind: WorkKind, work: () => Result): Result {
    const began = this.#measure();
    const result = work();
    const ms = Math.max(0, this.#measure() - began);
    this.#spent[kind] += ms;
    this.recent[kind].add(ms, this.nowMs);
    return result;
  }

  /** A stopwatch that begins now. */
  watch(): () => number {
    const began = this.#measure();
    return () => Math.max(0, this.#measure() - began);
  }

  /** Milliseconds spent on each since this was asked last. */
  takeSpent(): Readonly<Record<WorkKind, number>> {
    const spent = this.#spent;
    this.#spent = { decode: 0, compose: 0, encode: 0 };
    return spent;
  }
}
