// Owns measuring the rate of a flow over the last half second of its own clock.

const bucketMs = 10;
const buckets = 50;
/** A rate over less than this is noise. */
const minBuckets = 20;

export class RateMeter {
  readonly #bytes = new Float64Array(buckets);
  #newest = -Infinity;
  #first = 0;
  #sum = 0;

  /** Counts `bytes` at `ms`; times may come out of order by less than the window. After a pause it starts afresh. */
  add(ms: number, bytes: number): void {
    const bucket = Math.floor(ms / bucketMs);
    if (bucket >= this.#newest + buckets) {
      this.#bytes.fill(0);
      this.#sum = 0;
      this.#first = bucket;
      this.#newest = bucket;
    }
    while (this.#newest < bucket) {
      this.#newest++;
      const slot = slotOf(this.#newest);
      this.#sum -= this.#bytes[slot] ?? 0;
      this.#bytes[slot] = 0;
    }
    if (bucket <= this.#newest - buckets) return;
    const slot = slotOf(bucket);
    this.#bytes[slot] = (this.#bytes[slot] ?? 0) + bytes;
    this.#sum += bytes;
  }

  /** Bits per second; -1 while there is too little to tell. */
  get bps(): number {
    const span = Math.min(buckets, this.#newest - this.#first + 1);
    return span < minBuckets ? -1 : (this.#sum * 8 * 1000) / (span * bucketMs);
  }
}

function slotOf(bucket: number): number {
  return ((bucket % buckets) + buckets) % buckets;
}
