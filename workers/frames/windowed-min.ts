// Owns the smallest value of late: exact over one to two spans of time, with two numbers of memory.

export class WindowedMin {
  readonly #spanMs: number;
  #since = -Infinity;
  #current = Infinity;
  #previous = Infinity;

  constructor(spanMs: number) {
    this.#spanMs = spanMs;
  }

  /** Infinity before the first value. */
  get value(): number {
    return Math.min(this.#current, this.#previous);
  }

  add(value: number, nowMs: number): void {
    if (nowMs - this.#since >= this.#spanMs) {
      this.#previous = nowMs - this.#since >= 2 * this.#spanMs ? Infinity : this.#current;
      this.#current = Infinity;
      this.#since = nowMs;
    }
    this.#current = Math.min(this.#current, value);
  }

  reset(): void {
    this.#since = -Infinity;
    this.#current = Infinity;
    this.#previous = Infinity;
  }
}
