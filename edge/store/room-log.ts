// Owns the contract of the room log (architecture §3, research room-log "Script contract"). Entries are opaque bytes.
import type { Unsubscribe } from '../../schemas/bus.ts';

export interface LogEntry {
  readonly seq: number;
  readonly bytes: Uint8Array;
}

/** A place in a log: after entry `seq`. Numbers mean something only with the epoch that they were counted in. */
export interface LogPosition {
  readonly epoch: string;
  readonly seq: number;
}

export type AppendResult =
  | { readonly ok: true; readonly seq: number }
  /**
   * Nothing was written. The log had moved on: what follows the expected place, in order, at most 1,000 entries. When
   * `epoch` or a smaller `seq` says that it is not the log that was read, what was read of it counts no more: open it again.
   * With `settlesInMs` (milliseconds, more than 0) the log takes nothing for so long, because its end may have been lost and
   * come yet; then, or a little earlier, it is to be tried again.
   */
  | {
      readonly ok: false;
      readonly epoch: string;
      readonly seq: number;
      readonly entries: readonly LogEntry[];
      readonly settlesInMs?: number;
    };

export interface LogOpening {
  readonly epoch: string;
  /**
   * Earlier epochs of this very log: what was read in one of them, up to its `seq`, is what stands here. A store begins a
   * new epoch when its latest entries may have been lost.
   */
  readonly before: readonly LogPosition[];
  /** The latest snapshot, if any: the folded state after entry `seq`. */
  readonly snapshot?: { readonly seq: number; readonly bytes: Uint8Array };
  /** Entries after the snapshot (or from the beginning). */
  readonly entries: readonly LogEntry[];
  readonly seq: number;
}

export interface LogReading {
  /** The empty epoch and seq 0 when there is no log. */
  readonly epoch: string;
  /** Of the log's last entry. */
  readonly seq: number;
  readonly entries: readonly LogEntry[];
  /** The first of what was asked for is gone. */
  readonly trimmed: boolean;
}

/** How long a log that may have lost its end waits for who knows it: longer than edges take to be back. */
export const defaultSettleMs = 500;

/** Within one epoch no entry is ever lost and replaced by another: who holds `epoch` up to `seq` holds the log's truth. */
export interface RoomLog {
  /** Creates the log with a fresh epoch when there is none. */
  open(room: string): Promise<LogOpening>;
  /** Accepts only if the log still ends at `expected`. `entries` has at least one and at most 1,000. */
  append(room: string, expected: LogPosition, entries: readonly Uint8Array[]): Promise<AppendResult>;
  /** Entries after `afterSeq`, in order. */
  read(room: string, afterSeq: number, limit: number): Promise<LogReading>;
  /**
   * Keeps the snapshot of the state at `at` and forgets entries at or before `keepFromSeq`. A snapshot older than the kept
   * one, of another epoch or of what is not in the log is ignored.
   */
  snapshot(room: string, at: LogPosition, bytes: Uint8Array, keepFromSeq: number): Promise<void>;
  /**
   * Appended entries as they come, in order per publisher, with their epoch; may repeat or miss some: the replica refills.
   * Whenever some may have been missed the handler is called with no entries: then the log has to be read.
   */
  subscribe(room: string, handler: (entries: readonly LogEntry[], epoch: string) => void): Unsubscribe;
  /** Forgets the room's log, but with `at` only if it still ends there; the next `open` begins a new epoch. */
  remove(room: string, at?: LogPosition): Promise<void>;
  /**
   * Gives the log back what the store has lost of it: the state at `at`, which somebody still knows, and the `latest`
   * entries up to there (at most 1,000), for who is behind. It goes on after that, in a new epoch, and whoever subscribes to
   * it is told that some may be missed. False, and nothing is done, when the log holds as much, went on without it, or was
   * removed. Who gives it back may be behind somebody else, so nothing is appended for a while (`settleMs`), and until the
   * first append it is replaced by who knows more of the epoch that was lost.
   */
  restore(room: string, at: LogPosition, bytes: Uint8Array, latest: readonly Uint8Array[]): Promise<boolean>;
}
