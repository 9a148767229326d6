// Owns judging whether an engine thread stands still: one piece of work takes longer than any does. Pure. On a machine
// that is too busy to look often, time counts for less, for the engine gets as little of it.
import type { NativeProgress } from '../../../native/addon.ts';

/** Beginning loads drivers. */
const openingPatienceMs = 3000;
const longestStepMs = 60;

export class StallWatch {
  readonly #patienceMs: number;
  #done = -1;
  #lookedMs: number | undefined;
  #silentMs = 0;

  constructor(patienceMs: number) {
    this.#patienceMs = patienceMs;
  }

  /** How long the same work has taken, when that is too long, in ms. */
  look(
    { state, done, busyMs }: Pick<NativeProgress, 'state' | 'done' | 'busyMs'>,
    nowMs: number,
  ): number | undefined {
    const stepMs = Math.min(longestStepMs, nowMs - (this.#lookedMs ?? nowMs));
    this.#lookedMs = nowMs;
    this.#silentMs = busyMs === 0 || done !== this.#done ? 0 : Math.min(busyMs, this.#silentMs + stepMs);
    this.#done = done;
    const patienceMs = state === 'opening' ? openingPatienceMs : this.#patienceMs;
    return this.#silentMs > patienceMs ? this.#silentMs : undefined;
  }
}
