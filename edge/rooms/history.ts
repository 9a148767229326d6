// Owns the notices of a room's latest log entries, so that a client that comes back gets what it missed.
import type { AddressedNotice } from '../../schemas/notice.ts';

export class History {
  readonly #maxEntries: number;
  /** The notices of entry `#first + index`. */
  #entries: (readonly AddressedNotice[])[] = [];
  #first: number;

  /** Begins after log entry `seq`; keeps the notices of at least `maxEntries` entries. */
  constructor(maxEntries: number, seq: number) {
    this.#maxEntries = maxEntries;
    this.#first = seq + 1;
  }

  /** Adds the notices of the next log entry. */
  push(notices: readonly AddressedNotice[]): void {
    this.#entries.push(notices);
    if (this.#entries.length < this.#maxEntries * 2) return;
    const drop = this.#entries.length - this.#maxEntries;
    this.#entries = this.#entries.slice(drop);
    this.#first += drop;
  }

  /** Notices of the entries after `seq`, in order; undefined when some are no longer kept or `seq` is yet to come. */
  since(seq: number): readonly AddressedNotice[] | undefined {
    const from = seq + 1 - this.#first;
    if (!Number.isInteger(seq) || from < 0 || from > this.#entries.length) return undefined;
    return this.#entries.slice(from).flat();
  }
}
