// Owns when an output's next picture is a key frame: the first one, one in every interval, and one when asked for, but
// none within half a second of the last.

const minDistanceMs = 500;

export class KeyFramePacer {
  #intervalMs: number;
  #lastMs = -Infinity;
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
    return sinceMs >= minDistanceMs && (this.#isWanted || sinceMs >= this.#intervalMs);
  }

  /** A key frame was made, of its own accord or not. */
  made(atMs: number): void {
    this.#lastMs = atMs;
    this.#isWanted = false;
  }
}
