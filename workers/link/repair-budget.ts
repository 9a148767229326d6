// Owns how many retransmissions a link may carry: a way that loses much must not be filled with repairs.

/** Repairs that are always allowed, in packets; gained anew within a second. */
const floor = 100;
/** Repairs allowed for each packet sent first-hand. */
const share = 0.5;
/** What may be saved up. */
const most = 2000;

export class RepairBudget {
  /** Repairs refused since the start. */
  refused = 0;
  #left = floor;
  #filledMs = -Infinity;

  /** A packet went out first-hand. */
  sent(): void {
    if (this.#left < most) this.#left += share;
  }

  /** Whether one more may go out now; it then counts. */
  take(nowMs: number): boolean {
    const sinceMs = Math.min(1000, nowMs - this.#filledMs);
    this.#filledMs = nowMs;
    if (this.#left < floor) this.#left = Math.min(floor, this.#left + (floor * sinceMs) / 1000);
    if (this.#left < 1) {
      this.refused++;
      return false;
    }
    this.#left--;
    return true;
  }
}
