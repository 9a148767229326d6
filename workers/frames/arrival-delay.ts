// Owns how much later than the fastest packets of late a stream's packets come, and the delay that nearly all keep to.
// The fastest ones move along with a sender's clock that runs fast or slow.
import { WindowedMin } from './windowed-min.ts';

const bucketMs = 5;
const buckets = 80;
const spanMs = 5000;
/** What a packet still counts for when the next one comes: about four seconds of memory at 50 packets a second. */
const keep = 0.995;
const quantile = 0.97;
/** Until the network is known it is taken for one of 40 ms of jitter; ten packets' worth of that wears off in seconds. */
const assumedMs = 40;
const assumedWeight = 10;

export class ArrivalDelay {
  readonly #fastest = new WindowedMin(spanMs);
  readonly #shares = new Float64Array(buckets);
  #weight = assumedWeight;

  constructor() {
    this.#shares[assumedMs / bucketMs - 1] = assumedWeight;
  }

  /** Local minus media time of the fastest packets, in ms; Infinity before the first packet. */
  get fastestMs(): number {
    return this.#fastest.value;
  }

  /** Takes a packet's media time (ms on the sender's clock) and arrival in; gives its delay over the fastest. */
  arrived(mediaMs: number, nowMs: number): number {
    const transitMs = nowMs - mediaMs;
    this.#fastest.add(transitMs, nowMs);
    const delayMs = transitMs - this.#fastest.value;
    const bucket = Math.min(buckets - 1, Math.floor(delayMs / bucketMs));
    for (let index = 0; index < buckets; index++) this.#shares[index] = (this.#shares[index] ?? 0) * keep;
    this.#shares[bucket] = (this.#shares[bucket] ?? 0) + 1;
    this.#weight = this.#weight * keep + 1;
    return delayMs;
  }

  /** The delay that 97 of 100 packets stay under, in steps of 5 ms; 40 at first. */
  get nearlyAllMs(): number {
    let sum = 0;
    for (let index = 0; index < buckets; index++) {
      sum += this.#shares[index] ?? 0;
      if (sum >= quantile * this.#weight) return (index + 1) * bucketMs;
    }
    return buckets * bucketMs;
  }

  /** A new stream: its media time is another one, the network is the same. */
  rebase(): void {
    this.#fastest.reset();
  }
}
