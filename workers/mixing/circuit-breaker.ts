// Owns whether an engine on a device is used for more pipelines after one of them failed on it: not for a while, then by one
// to try, then by all again. Pure: time comes in.

const firstWaitMs = 10_000;
const longestWaitMs = 600_000;
/** After so long without a failure the next one counts as the first. */
const forgottenMs = 600_000;
/** Who tries and is never heard of again does not stand in the way for longer. */
const trialMs = 30_000;

export class CircuitBreaker {
  /** Open: nothing begins before that time. */
  #openUntilMs: number | undefined;
  #trialSinceMs: number | undefined;
  #waitMs = firstWaitMs;
  #failedMs = -Infinity;

  /** Whether another pipeline may begin. */
  allows(nowMs: number): boolean {
    if (this.#openUntilMs === undefined) return true;
    if (this.#trialSinceMs !== undefined && nowMs - this.#trialSinceMs < trialMs) return false;
    return nowMs >= this.#openUntilMs;
  }

  /** Whether it failed so short a time ago that not even a trial may begin. */
  isResting(nowMs: number): boolean {
    return this.#openUntilMs !== undefined && nowMs < this.#openUntilMs;
  }

  /** A pipeline begins; after a failure it is a trial. */
  begun(nowMs: number): void {
    if (this.#openUntilMs !== undefined) this.#trialSinceMs = nowMs;
  }

  /** A pipeline has gone well for a while, begun after the last failure. */
  worked(): void {
    this.#openUntilMs = undefined;
    this.#trialSinceMs = undefined;
  }

  /** A pipeline failed. Those that fail together count once. */
  failed(nowMs: number): void {
    if (this.#openUntilMs !== undefined && nowMs < this.#openUntilMs) return;
    const isFirst = nowMs - this.#failedMs > forgottenMs;
    this.#waitMs = isFirst ? firstWaitMs : Math.min(longestWaitMs, this.#waitMs * 2);
    this.#failedMs = nowMs;
    this.#openUntilMs = nowMs + this.#waitMs;
    this.#trialSinceMs = undefined;
  }
}
