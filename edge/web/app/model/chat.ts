// Owns the texts of a conference and how many of them were not yet seen.
import { Changes } from './change.ts';

export interface ChatEntry {
  readonly key: number;
  readonly from: string;
  readonly name: string;
  readonly mine: boolean;
  readonly toMe: boolean;
  readonly message: string;
  readonly at: Date;
}

const maxEntries = 500;

export class Chat {
  readonly changes = new Changes();
  #entries: readonly ChatEntry[] = [];
  #unread = 0;
  #watched = false;
  #nextKey = 1;

  get entries(): readonly ChatEntry[] {
    return this.#entries;
  }

  get unread(): number {
    return this.#unread;
  }

  add(entry: Omit<ChatEntry, 'key'>): void {
    this.#entries = [...this.#entries, { ...entry, key: this.#nextKey++ }].slice(-maxEntries);
    if (!this.#watched && !entry.mine) this.#unread += 1;
    this.changes.tell();
  }

  /** Whether the texts are on the screen. */
  watch(watched: boolean): void {
    this.#watched = watched;
    if (watched) this.#unread = 0;
    this.changes.tell();
  }
}
