// Owns telling about once a second how old the picture of each stream was when it was drawn.
import type { Age } from '../mixing/pipeline.ts';
import type { VideoInput } from './video-input.ts';

const intervalMs = 1000;

export class AgeMeter {
  #sums = new Map<string, { sum: number; count: number }>();
  #sinceMs: number | undefined;

  /** Notes the ages of what is drawn for the instant `atMs`. */
  sample(inputs: readonly VideoInput[], atMs: number): void {
    for (const input of inputs) {
      const ageMs = input.ageMs(atMs);
      if (ageMs === undefined) continue;
      const { stream } = input.settings;
      const { sum, count } = this.#sums.get(stream) ?? { sum: 0, count: 0 };
      this.#sums.set(stream, { sum: sum + ageMs, count: count + 1 });
    }
  }

  /** Means since the last time; empty until a second has passed. */
  take(nowMs: number): readonly Age[] {
    this.#sinceMs ??= nowMs;
    if (nowMs - this.#sinceMs < intervalMs) return [];
    this.#sinceMs = nowMs;
    const ages = [...this.#sums].map(([stream, { sum, count }]) => ({ stream, ageMs: sum / count }));
    this.#sums = new Map();
    return ages;
  }
}
