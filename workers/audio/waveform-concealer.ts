// Owns inventing sound where some was lost, for codecs that cannot: the last pitch period again and again, ever quieter,
// and blended into what comes after (the idea of G.711 appendix I).

const historyMs = 48;
const shortestMs = 5;
const longestMs = 15;
const comparedMs = 10;
const blendMs = 4;
/** Full for the first 10 ms, gone after 60. */
const holdMs = 10;
const fadeMs = 50;

export class WaveformConcealer {
  readonly #perMs: number;
  readonly #history: Float32Array;
  /** What is being repeated; undefined while nothing is missing. */
  #period: Float32Array | undefined;
  #invented = 0;

  /** `sampleRate` in Hz; mono. */
  constructor(sampleRate: number) {
    this.#perMs = sampleRate / 1000;
    this.#history = new Float32Array(historyMs * this.#perMs);
  }

  /** Takes in what was decoded; the first of it after a loss is changed in place, so that it joins smoothly. */
  heard(samples: Float32Array): void {
    if (this.#period !== undefined) {
      const blend = Math.min(samples.length, blendMs * this.#perMs);
      const tail = this.#more(blend);
      for (let at = 0; at < blend; at++) {
        const weight = (at + 1) / (blend + 1);
        samples[at] = (samples[at] ?? 0) * weight + (tail[at] ?? 0) * (1 - weight);
      }
      this.#period = undefined;
      this.#invented = 0;
    }
    this.#remember(samples);
  }

  /** `count` samples in place of as many lost ones. */
  conceal(count: number): Float32Array {
    this.#period ??= this.#lastPeriod();
    return this.#more(count);
  }

  #more(count: number): Float32Array {
    const period = this.#period ?? new Float32Array(1);
    return Float32Array.from({ length: count }, () => {
      const faded = 1 - Math.max(0, this.#invented / this.#perMs - holdMs) / fadeMs;
      const sample = faded > 0 ? (period[this.#invented % period.length] ?? 0) * faded : 0;
      this.#invented++;
      return sample;
    });
  }

  /** The end of what was heard, as long as it takes to look most like what came before it. */
  #lastPeriod(): Float32Array {
    const history = this.#history;
    const compared = comparedMs * this.#perMs;
    const end = history.length;
    let best = shortestMs * this.#perMs;
    let likeness = -Infinity;
    for (let lag = shortestMs * this.#perMs; lag <= longestMs * this.#perMs; lag++) {
      let product = 0;
      let energy = 1e-9;
      for (let at = end - compared; at < end; at++) {
        const before = history[at - lag] ?? 0;
        product += (history[at] ?? 0) * before;
        energy += before * before;
      }
      const alike = product / Math.sqrt(energy);
      if (alike > likeness) {
        likeness = alike;
        best = lag;
      }
    }
    return history.slice(end - best);
  }

  #remember(samples: Float32Array): void {
    const history = this.#history;
    const kept = samples.subarray(Math.max(0, samples.length - history.length));
    history.copyWithin(0, kept.length);
    history.set(kept, history.length - kept.length);
  }
}
