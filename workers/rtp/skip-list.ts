// Owns which recent packets of a run were skipped, so that a late packet finds the number left for it.

const capacity = 64;

export class SkipList {
  readonly #skipped = new Float64Array(capacity);
  #count = 0;

  /** Adds an extended number, higher than all before it. */
  add(extended: number): void {
    this.#skipped[this.#count % capacity] = extended;
    this.#count++;
  }

  /** How many skipped numbers are higher than `extended`; -1 when it was itself skipped, or that is forgotten. */
  countAfter(extended: number): number {
    const kept = Math.min(this.#count, capacity);
    for (let back = 0; back < kept; back++) {
      const skipped = this.#skipped[(this.#count - 1 - back) % capacity] ?? 0;
      if (skipped === extended) return -1;
      if (skipped < extended) return back;
    }
    return this.#count > capacity ? -1 : kept;
  }

  clear(): void {
    this.#count = 0;
  }
}
