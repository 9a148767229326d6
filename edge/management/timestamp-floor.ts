// Owns which timestamps of one service's requests are too old to be believed, learned from the requests themselves: its
// clients' clocks may all be wrong by any amount. Pure.

interface Span {
  /** Server time of its beginning. */
  readonly from: number;
  /** Newest timestamp accepted in it. */
  newest: number;
  count: number;
}

const spansPerMemory = 12;

/**
 * While a request is remembered it cannot be sent again. When it is forgotten, its timestamp must be too old: the floor
 * rises to the newest timestamp forgotten, but never past the time at which that was accepted. So a clock that runs ahead
 * shuts nobody out, and clocks that all run behind are measured by themselves.
 */
export class TimestampFloor {
  readonly #memoryMs: number;
  readonly #most: number;
  readonly #spans: Span[] = [];
  #floor = -Infinity;
  #count = 0;

  /** Requests are forgotten after `memoryMs`, or earlier when more than `most` came meanwhile. */
  constructor(memoryMs: number, most: number) {
    this.#memoryMs = memoryMs;
    this.#most = most;
  }

  /** How long after `now` a request accepted now must be remembered. A timestamp ahead of us takes that much longer. */
  memoryMs(timestamp: number, now: number): number {
    return Math.max(0, timestamp - now) + this.#memoryMs + this.#spanMs;
  }

  /** Whether a request of that time may have been accepted before and forgotten. */
  isTooOld(timestamp: number, now: number): boolean {
    this.#forget(now);
    return timestamp <= this.#floor;
  }

  accept(timestamp: number, now: number): void {
    this.#forget(now);
    let span = this.#spans.at(-1);
    if (span === undefined || now - span.from >= this.#spanMs) {
      span = { from: now, newest: -Infinity, count: 0 };
      this.#spans.push(span);
    }
    span.newest = Math.max(span.newest, timestamp);
    span.count += 1;
    this.#count += 1;
  }

  get #spanMs(): number {
    return this.#memoryMs / spansPerMemory;
  }

  #forget(now: number): void {
    for (;;) {
      const [span] = this.#spans;
      if (span === undefined) return;
      const end = span.from + this.#spanMs;
      const isOver = now - end >= this.#memoryMs;
      // The span that is being filled is kept: without it there is no memory at all.
      if (!isOver && (this.#count <= this.#most || this.#spans.length === 1)) return;
      this.#spans.shift();
      this.#count -= span.count;
      this.#floor = Math.max(this.#floor, Math.min(span.newest, end));
    }
  }
}
