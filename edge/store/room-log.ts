// Owns the contract of the room log (architecture §3, research room-log "Script contract"). Entries are opaque bytes.
import type { Unsubscribe } from '../../schemas/bus.ts';

export interface LogEntry {
  readonly seq: number;
  readonly bytes: Uint8Array;
}

export type AppendResult =
  | { readonly ok: true; readonly seq: number }
  /** The log had moved on: what follows `expectedSeq`, in order, at most 1,000 entries. Nothing was written. */
  | { readonly ok: false; readonly seq: number; readonly entries: readonly LogEntry[] };

export interface LogOpening {
  readonly epoch: string;
  /** The latest snapshot, if any: the folded state after entry `seq`. */
  readonly snapshot?: { readonly seq: number; readonly bytes: Uint8Array };
  /** Entries after the snapshot (or from the beginning). */
  readonly entries: readonly LogEntry[];
  readonly seq: number;
}

export interface RoomLog {
  /** Creates the log with a fresh epoch when there is none. */
  open(room: string): Promise<LogOpening>;
  /** Accepts only if the log still ends at `expectedSeq`. `entries` has at least one and at most 1,000. */
  append(room: string, expectedSeq: number, entries: readonly Uint8Array[]): Promise<AppendResult>;
  /** Entries after `afterSeq`, in order; `trimmed` when the first of them are gone. */
  read(
    room: string,
    afterSeq: number,
    limit: number,
  ): Promise<{ readonly entries: readonly LogEntry[]; readonly trimmed: boolean }>;
  /** Keeps the snapshot and forgets entries at or before `keepFromSeq`. A snapshot older than the kept one is ignored. */
  snapshot(room: string, seq: number, bytes: Uint8Array, keepFromSeq: number): Promise<void>;
  /**
   * Appended entries as they come, in order per publisher; may repeat or miss some: the replica refills. After an
   * interruption the handler is called with no entries: what came meanwhile has to be read.
   */
  subscribe(room: string, handler: (entries: readonly LogEntry[]) => void): Unsubscribe;
  /** Forgets the room's log; the next `open` begins a new epoch. */
  remove(room: string): Promise<void>;
}
