// Owns how full a worker is taken to be between its reports: what it reported, and what it was given that the report
// cannot contain yet. Pure. The Lua of edge/platform/redis does the same sums.

/**
 * A task shows in its worker's load when its client is connected and a whole period of measuring has passed since. What was
 * assigned counts for at least so long, and until a report after that.
 */
export const settleMs = 2000;

/** Loads in millionths: sums of whole numbers are exact, here and in Lua. */
export function millionths(load: number): number {
  return Math.round(load * 1e6);
}

export class LoadEstimate {
  #reported: number | undefined;
  #fresh = 0;
  #aging = 0;
  #turnedAt = -Infinity;

  /** In millionths; undefined before the first report. */
  get current(): number | undefined {
    return this.#reported === undefined ? undefined : this.#reported + this.#fresh + this.#aging;
  }

  /** Takes a report, in millionths; undefined: this one knows nothing. */
  report(load: number | undefined, now: number): void {
    if (load !== undefined) this.#reported = load;
    if (now - this.#turnedAt < settleMs) return;
    this.#turnedAt = now;
    this.#aging = this.#fresh;
    this.#fresh = 0;
  }

  /** Counts work that was just given to it, in millionths. */
  assign(cost: number): void {
    this.#fresh += cost;
  }
}
