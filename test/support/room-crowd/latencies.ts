// Owns a count of latencies in steps of two per cent: small however many there are, and sums of several are exact.

const leastMs = 0.001;
const step = Math.log(1.02);

/** How many fell into each step; the index is the step. */
export type Latencies = readonly (readonly [step: number, count: number])[];

export class LatencyCount {
  readonly #counts = new Map<number, number>();

  add(ms: number): void {
    const index = ms <= leastMs ? 0 : Math.ceil(Math.log(ms / leastMs) / step);
    this.#counts.set(index, (this.#counts.get(index) ?? 0) + 1);
  }

  get counts(): Latencies {
    return [...this.#counts];
  }
}

/** The value in milliseconds below which the share `p` of all of them lies; NaN for none. */
export function latencyAt(all: readonly Latencies[], p: number): number {
  const sum = new Map<number, number>();
  for (const [index, count] of all.flat()) sum.set(index, (sum.get(index) ?? 0) + count);
  const sorted = [...sum].toSorted(([a], [b]) => a - b);
  const total = sorted.reduce((so, [, count]) => so + count, 0);
  let before = 0;
  for (const [index, count] of sorted) {
    before += count;
    if (before > total * p || before === total) return leastMs * Math.exp(index * step);
  }
  return Number.NaN;
}
