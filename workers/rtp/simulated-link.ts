// Owns a simulated way from a sender to a receiver, for tests of this folder: a bottleneck with a queue that drops its
// tail, a fixed delay, jitter and random loss. Nothing else imports it.

export interface LinkOptions {
  readonly random: () => number;
  /** One way, in ms. */
  readonly delayMs: number;
  readonly jitterMs: number;
  /** 0…1. */
  readonly loss: number;
  /** Longest wait in the queue, in ms. */
  readonly queueMs: number;
}

export class SimulatedLink {
  capacityBps = 1_000_000;
  readonly #options: LinkOptions;
  #freeMs = 0;
  #lastArrivalMs = 0;

  constructor(options: LinkOptions) {
    this.#options = options;
  }

  /** How long a packet would wait now. */
  queuedMs(nowMs: number): number {
    return Math.max(0, this.#freeMs - nowMs);
  }

  /** When a packet sent now arrives, in order; undefined when it is lost. */
  send(nowMs: number, bytes: number): number | undefined {
    const { random, delayMs, jitterMs, loss, queueMs } = this.#options;
    if (this.queuedMs(nowMs) > queueMs) return undefined;
    this.#freeMs = Math.max(this.#freeMs, nowMs) + (bytes * 8 * 1000) / this.capacityBps;
    if (random() < loss) return undefined;
    this.#lastArrivalMs = Math.max(this.#lastArrivalMs, this.#freeMs + delayMs + random() * jitterMs);
    return this.#lastArrivalMs;
  }
}
