// Owns the notices of a room's latest log entries, so that a client that comes back gets what it missed.
import type { AddressedNotice } from '../../schemas/notice.ts';

interface Entry {
  readonly notices: readonly AddressedNotice[];
  readonly at: number;
}

export class History {
  readonly #maxEntries: number;
  /** Those of log entry `#first + index`. */
  #entries: Entry[] = [];
  #first: number;

  /** Begins after log entry `seq`; keeps the notices of at least `maxEntries` entries. */
  constructor(maxEntries: number, seq: number) {
    this.#maxEntries = maxEntries;
    this.#first = seq + 1;
  }

  /** Adds the notices of the next log entry; `at` is its time in milliseconds since 1970. */
  push(notices: readonly AddressedNotice[], at: number): void {
    this.#entries.push({ notices, at });
    if (this.#entries.length < this.#maxEntries * 2) return;
    const drop = this.#entries.length - this.#maxEntries;
    this.#entries = this.#entries.slice(drop);
    this.#first += drop;
  }

  /** Notices of the entries after `seq`, in order; undefined when some are no longer kept or `seq` is yet to come. */
  since(seq: number): readonly AddressedNotice[] | undefined {
    const from = seq + 1 - this.#first;
    if (!Number.isInteger(seq) || from < 0 || from > this.#entries.length) return undefined;
    return this.#entries.slice(from).flatMap(({ notices }) => notices);
  }

  /** The seq of the last entry that is no younger than `at`; where the history begins when all are. */
  seqAt(at: number): number {
    return this.#first + this.#entries.findLastIndex((entry) => entry.at <= at);
  }
}
