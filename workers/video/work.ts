// Owns how long the work of one pipeline takes: as statistics, and as what was spent since the last look.
import type { EngineWork } from '../engine/engine.ts';
import { Recent } from './recent.ts';

export class Work {
  readonly recent: Readonly<Record<EngineWork, Recent>> = {
    decode: new Recent(),
    compose: new Recent(),
    encode: new Recent(),
    tap: new Recent(),
  };
  readonly #measure: () => number;
  /** The engine tells how long its work took (`add`): what calls of it take says nothing. */
  readonly #isTold: boolean;
  #nowMs = 0;
  #measuredMs = 0;
  #sumMs = 0;
  #told = { sumMs: 0, atMs: -Infinity };
  #spent: Record<EngineWork, number> = { decode: 0, compose: 0, encode: 0, tap: 0 };

  /** `measure`: milliseconds of any clock that runs while work is done. */
  constructor(measure: () => number, isTold: boolean) {
    this.#measure = measure;
    this.#isTold = isTold;
  }

  /** What samples are dated with; to be set whenever time comes in. */
  set nowMs(nowMs: number) {
    this.#nowMs = nowMs;
    this.#measuredMs = this.#measure();
  }

  /** The same clock, at this moment. */
  get presentMs(): number {
    return this.#nowMs + Math.max(0, this.#measure() - this.#measuredMs);
  }

  time<Result>(kind: EngineWork, work: () => Result): Result {
    if (this.#isTold) return work();
    const began = this.#measure();
    const result = work();
    this.add(kind, Math.max(0, this.#measure() - began));
    return result;
  }

  add(kind: EngineWork, ms: number): void {
    this.#spent[kind] += ms;
    this.#sumMs += ms;
    this.recent[kind].add(ms, this.#nowMs);
  }

  /** Milliseconds spent on each since this was asked last. */
  takeSpent(): Readonly<Record<EngineWork, number>> {
    const spent = this.#spent;
    this.#spent = { decode: 0, compose: 0, encode: 0, tap: 0 };
    return spent;
  }

  /** How much of the time since this was asked last was worked; above 1 where several things are done at a time. */
  takeShare(nowMs: number): number {
    const { sumMs, atMs } = this.#told;
    this.#told = { sumMs: this.#sumMs, atMs: nowMs };
    return (this.#sumMs - sumMs) / Math.max(1, nowMs - atMs);
  }
}
