// Owns how long to wait before another attempt at something that failed: twice as long each time, within bounds.

export class BackOff {
  readonly #leastMs: number;
  readonly #mostMs: number;
  #nextMs: number;

  constructor(leastMs: number, mostMs: number) {
    this.#leastMs = leastMs;
    this.#mostMs = mostMs;
    this.#nextMs = leastMs;
  }

  /** How long to wait now. */
  take(): number {
    const waitMs = this.#nextMs;
    this.#nextMs = Math.min(this.#mostMs, waitMs * 2);
    return waitMs;
  }

  /** It worked: what fails next is waited for as little as at first. */
  reset(): void {
    this.#nextMs = this.#leastMs;
  }
}
