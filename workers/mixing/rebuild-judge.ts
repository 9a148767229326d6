// Owns how soon a lost pipeline is begun again, and when it is not any more.

const memoryMs = 60_000;
const mostLosses = 6;
const firstWaitMs = 500;

export class RebuildJudge {
  #losses: number[] = [];
  #gaveUp = false;

  get gaveUp(): boolean {
    return this.#gaveUp;
  }

  /** Whether what was sent before a loss may be sent again: after a second loss it is suspected of having caused it. */
  get trusting(): boolean {
    return this.#losses.length < 2;
  }

  /** Takes a loss; gives how long to wait before the next beginning, in ms; undefined: no more of it. */
  lost(nowMs: number): number | undefined {
    this.#losses = [...this.#losses.filter((at) => nowMs - at < memoryMs), nowMs];
    const count = this.#losses.length;
    if (count > mostLosses) return undefined;
    return count <= 2 ? 0 : firstWaitMs * 2 ** (count - 3);
  }

  giveUp(): void {
    this.#gaveUp = true;
  }

  /** What is asked for is another: it may work. */
  forgive(): void {
    this.#losses = [];
    this.#gaveUp = false;
  }
}
