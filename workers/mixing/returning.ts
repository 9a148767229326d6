// Owns when a mixer that fell returns to a better engine: in a calm moment, one mixer of the worker after the other, and only
// when the next pipeline has all that this one has. Pure: time comes in.
import type { EngineOrder } from './engine-order.ts';

/** Without another layout, input or loss for so long, it is calm. */
const calmMs = 5000;
const lookEveryMs = 1000;
/** Key frames of all inputs are waited for no longer. */
const patienceMs = 1000;

export class Returning {
  readonly #order: EngineOrder;
  #disturbedMs = -Infinity;
  #lookedMs = -Infinity;
  #preparingMs: number | undefined;

  constructor(order: EngineOrder) {
    this.#order = order;
  }

  /** What is mixed, or by whom, has changed. */
  disturbed(nowMs: number): void {
    this.#disturbedMs = nowMs;
    this.#preparingMs = undefined;
  }

  /** To be called every 50 ms or so. `prepare`: have key frames sent; `go`: now. */
  step(
    nowMs: number,
    { isWished, isReady }: { readonly isWished: () => boolean; readonly isReady: () => boolean },
  ): 'stay' | 'prepare' | 'go' {
    if (this.#preparingMs !== undefined) {
      if (!isReady() && nowMs - this.#preparingMs < patienceMs) return 'stay';
      this.disturbed(nowMs);
      return isWished() ? 'go' : 'stay';
    }
    if (nowMs - this.#lookedMs < lookEveryMs) return 'stay';
    this.#lookedMs = nowMs;
    if (nowMs - this.#disturbedMs < calmMs || !isWished() || !this.#order.takeReturn(nowMs)) return 'stay';
    this.#preparingMs = nowMs;
    return 'prepare';
  }
}
