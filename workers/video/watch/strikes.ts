// Owns that one disagreement is none: only two in a row about the same thing are. Pure; bounded by who tells what there is.

const enough = 2;

export class Strikes {
  readonly #counts = new Map<string, number>();

  /** True when that was one too many. */
  note(subject: string, isOther: boolean): boolean {
    const count = isOther ? (this.#counts.get(subject) ?? 0) + 1 : 0;
    if (count === 0) this.#counts.delete(subject);
    else this.#counts.set(subject, count);
    return count >= enough;
  }

  /** Of these, one that another disagreement would be too many for. */
  suspect(subjects: readonly string[]): string | undefined {
    return subjects.find((subject) => this.#counts.has(subject));
  }

  /** Forgets all but these. */
  keep(subjects: readonly string[]): void {
    for (const subject of this.#counts.keys()) if (!subjects.includes(subject)) this.#counts.delete(subject);
  }
}
