// Owns samples of the last few seconds, for statistics: how many there were, and how they are distributed.
import type { Distribution } from '../../schemas/worker.ts';

const spanMs = 5000;
/** Of busier times only the latest are kept. */
const most = 2048;

export class Recent {
  readonly #values = new Float64Array(most);
  readonly #times = new Float64Array(most).fill(-Infinity);
  #next = 0;

  add(value: number, nowMs: number): void {
    this.#values[this.#next] = value;
    this.#times[this.#next] = nowMs;
    this.#next = (this.#next + 1) % most;
  }

  /** Samples of the last `withinMs`, at most 5 s. */
  count(nowMs: number, withinMs: number): number {
    return this.#times.reduce((sum, time) => (time > nowMs - Math.min(withinMs, spanMs) ? sum + 1 : sum), 0);
  }

  /** Of the last 5 s; zeros when there was nothing. */
  distribution(nowMs: number): Distribution {
    const sorted = this.#values.filter((_, at) => (this.#times[at] ?? 0) > nowMs - spanMs).sort();
    const share = (part: number): number =>
      sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? 0;
    return { p50: share(0.5), p99: share(0.99) };
  }
}
