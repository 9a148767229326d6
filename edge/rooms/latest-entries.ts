// Owns the latest entries of a room's log as they were written, so that an edge can give back what the store has lost.
import type { LogEntry } from '../store/room-log.ts';

/** What another edge can be behind, and what giving back may weigh. */
const maxEntries = 1000;
const maxBytes = 512 * 1024;

export class LatestEntries {
  #entries: LogEntry[] = [];
  #bytes = 0;

  /** How much it holds. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Takes the next entry; one that does not follow the last begins anew. */
  push(entry: LogEntry): void {
    if (this.#entries.length > 0 && entry.seq !== this.#last + 1) this.clear();
    this.#entries.push(entry);
    this.#bytes += entry.bytes.length;
    if (this.#entries.length < maxEntries * 2 && this.#bytes < maxBytes * 2) return;
    this.#entries = this.#newest();
    this.#bytes = this.#entries.reduce((sum, { bytes }) => sum + bytes.length, 0);
  }

  /** Those that end with entry `seq`, oldest first, as many as may be given back at once. */
  upTo(seq: number): readonly Uint8Array[] {
    return this.#last === seq ? this.#newest().map(({ bytes }) => bytes) : [];
  }

  clear(): void {
    this.#entries = [];
    this.#bytes = 0;
  }

  /** As many as may be given back at once. */
  #newest(): LogEntry[] {
    let from = this.#entries.length;
    let size = 0;
    while (from > Math.max(0, this.#entries.length - maxEntries)) {
      size += this.#entries[from - 1]?.bytes.length ?? 0;
      if (size > maxBytes) break;
      from -= 1;
    }
    return this.#entries.slice(from);
  }

  get #last(): number {
    return this.#entries.at(-1)?.seq ?? -1;
  }
}
