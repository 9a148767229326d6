// Owns when a new pipeline makes its first picture. One that takes over from another is given what was sent since the last key
// frames, or asks for new ones, and an engine that works apart decodes later: a picture before that would be empty, or of long
// ago, where the one of the pipeline before still stands. Pure.

/** How far what is to be shown of an input has come. */
export interface Arriving {
  /** `absent`: nothing was sent yet. `behind`: newer pictures than the one to be shown are being decoded. */
  readonly arrival: 'absent' | 'decoding' | 'behind' | 'there';
}

/** Longer than that a view does not stand still so that a picture is not missing, or is the latest. */
const patienceMs = { absent: 200, decoding: 300, behind: 150, there: 0 } as const;

export class Beginning {
  #sinceMs: number | undefined;
  #isOver = false;

  /** Whether the first picture has to wait for these inputs. Once it had not to, no other does. */
  waits(inputs: readonly Arriving[], nowMs: number): boolean {
    if (this.#isOver) return false;
    this.#sinceMs ??= nowMs;
    const waitedMs = nowMs - this.#sinceMs;
    this.#isOver = inputs.every(({ arrival }) => waitedMs >= patienceMs[arrival]);
    return !this.#isOver;
  }
}
