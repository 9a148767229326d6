// Owns how far sound and picture of the streams in a view are apart, and what to tell receivers so that they line them up.
import type { Age } from './pipeline.ts';

/** Share of a new measurement; one comes each second. */
const share = 0.3;
/** Beyond this it is no delay of ours but a sender whose clocks are wrong. */
const mostMs = 2000;
const forgottenMs = 10_000;

export class LipSync {
  #skewMs: number | undefined;
  #measuredMs = -Infinity;

  /** Sound minus picture, smoothed: above 0 sound comes later. Undefined while it is not known. */
  get skewMs(): number | undefined {
    return this.#skewMs;
  }

  /** Takes the latest ages of what is heard and seen; to be called once a second. */
  measure(heard: readonly Age[], seen: readonly Age[], nowMs: number): void {
    const pictures = new Map(seen.map(({ stream, ageMs }) => [stream, ageMs]));
    const skews = heard.flatMap(({ stream, ageMs }) => {
      const picture = pictures.get(stream);
      return picture === undefined ? [] : [ageMs - picture];
    });
    const middle = median(skews.filter((skew) => Math.abs(skew) <= mostMs));
    if (middle === undefined) {
      if (nowMs - this.#measuredMs > forgottenMs) this.#skewMs = undefined;
      return;
    }
    this.#measuredMs = nowMs;
    this.#skewMs = this.#skewMs === undefined ? middle : this.#skewMs + share * (middle - this.#skewMs);
  }
}

function median(values: readonly number[]): number | undefined {
  const sorted = [...values].sort((a, b) => a - b);
  const half = sorted.length >> 1;
  const [low, high] = [sorted[half - 1], sorted[half]];
  if (high === undefined) return undefined;
  return sorted.length % 2 === 1 || low === undefined ? high : (low + high) / 2;
}
