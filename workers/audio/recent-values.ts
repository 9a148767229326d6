// Owns how a measured value was spread of late.
import type { Distribution } from '../../schemas/worker.ts';

const remembered = 256;

export class RecentValues {
  readonly #values = new Float64Array(remembered);
  #count = 0;

  add(value: number): void {
    this.#values[this.#count++ % remembered] = value;
  }

  /** Of the last 256 values; zeros before the first. */
  get distribution(): Distribution {
    const sorted = this.#values.slice(0, Math.min(this.#count, remembered)).sort();
    const at = (share: number): number => sorted[Math.floor((sorted.length - 1) * share)] ?? 0;
    return { p50: at(0.5), p99: at(0.99) };
  }
}
