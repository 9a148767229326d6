// Owns when an output's next picture is a key frame: the first one, one in every interval, and one when asked for. Who
// joins shortly after another is not kept waiting, but for long it is never more than two a second.

const minDistanceMs = 150;
const everyMs = 500;
/** Three may follow each other faster. */
const mostCreditMs = 3 * everyMs;

export class KeyFramePacer {
  #intervalMs: number;
  #lastMs = -Infinity;
  /** What was saved up for key frames, as of the last one: each takes `everyMs` of it. */
  #creditMs = mostCreditMs;
  #isWanted = true;

  /** `intervalS` in seconds. */
  constructor(intervalS: number) {
    this.#intervalMs = intervalS * 1000;
  }

  setInterval(intervalS: number): void {
    this.#intervalMs = intervalS * 1000;
  }

  /** Somebody lost the picture, or is new. */
  request(): void {
    this.#isWanted = true;
  }

  isDue(atMs: number): boolean {
    const sinceMs = atMs - this.#lastMs;
    if (sinceMs < minDistanceMs) return false;
    return sinceMs >= this.#intervalMs || (this.#isWanted && this.#creditAt(atMs) >= everyMs);
  }

  /** A key frame was made, of its own accord or not. */
  made(atMs: number): void {
    this.#creditMs = Math.max(0, this.#creditAt(atMs) - everyMs);
    this.#lastMs = atMs;
    this.#isWanted = false;
  }

  #creditAt(atMs: number): number {
    return Math.min(mostCreditMs, this.#creditMs + atMs - this.#lastMs);
  }
}
