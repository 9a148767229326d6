// Owns watching whether packets come: when the last one did, and how long there was none.

const everyMs = 10;

export class Flow {
  readonly #packets: () => number;
  readonly #timer: NodeJS.Timeout;
  #last: number;
  #lastAt = performance.now();
  #gap = { lengthMs: 0, endedAt: 0 };

  /** `packets` counts; a count that falls is another stream. */
  constructor(packets: () => number) {
    this.#packets = packets;
    this.#last = packets();
    this.#timer = setInterval(() => this.#look(), everyMs);
  }

  /** Forgets the gaps so far. */
  begin(): void {
    this.#gap = { lengthMs: 0, endedAt: performance.now() };
  }

  /** When the last packet came. */
  get lastAt(): number {
    return this.#lastAt;
  }

  /** The longest time without packets that ended since `begin`, or the present one. */
  get gap(): { readonly lengthMs: number; readonly endedAt: number } {
    const lengthMs = performance.now() - this.#lastAt;
    return lengthMs > this.#gap.lengthMs ? { lengthMs, endedAt: Infinity } : this.#gap;
  }

  close(): void {
    clearInterval(this.#timer);
  }

  #look(): void {
    const packets = this.#packets();
    if (packets === this.#last || packets < 0) return;
    this.#last = packets;
    const now = performance.now();
    const lengthMs = now - this.#lastAt;
    if (lengthMs > this.#gap.lengthMs) this.#gap = { lengthMs, endedAt: now };
    this.#lastAt = now;
  }
}
