// Owns sums that never fall over counters that come and go: what a stream counted stays in the sum when it has ended. Pure.

export class CounterSums<Name extends string> {
  readonly #names: readonly Name[];
  readonly #sums = new Map<string, number>();
  #before = new Map<string, Readonly<Partial<Record<Name, unknown>>>>();
  #now = new Map<string, Readonly<Partial<Record<Name, unknown>>>>();

  constructor(names: readonly Name[]) {
    this.#names = names;
  }

  /** A round in which all that there are now are taken, until `end`. */
  begin(): void {
    this.#now = new Map();
  }

  /** Adds what `counters`, known as `key`, have grown by. A fall means that they began anew. */
  take(group: string, key: string, counters: Readonly<Partial<Record<Name, unknown>>>): void {
    const known = `${group}\n${key}`;
    const before = this.#before.get(known);
    for (const name of this.#names) {
      const value = numberOf(counters[name]);
      const last = numberOf(before?.[name]);
      const grown = value >= last ? value - last : value;
      const sum = `${group}\n${name}`;
      this.#sums.set(sum, (this.#sums.get(sum) ?? 0) + grown);
    }
    this.#now.set(known, counters);
  }

  end(): void {
    this.#before = this.#now;
  }

  sum(group: string, name: Name): number {
    return this.#sums.get(`${group}\n${name}`) ?? 0;
  }
}

/** Duplicates make some counts negative. */
function numberOf(value: unknown): number {
  return typeof value === 'number' && Number.isFinite(value) ? Math.max(0, value) : 0;
}
