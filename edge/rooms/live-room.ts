// Owns the contract by which portals and REST use a room that is live on this edge. `rooms.ts` implements it.
import type { Unsubscribe } from '../../schemas/bus.ts';
import type { Refusal } from '../../schemas/error.ts';
import type { AddressedNotice } from '../../schemas/notice.ts';
import type { MixerStats, Purpose, Signaling, SignalReply, TransportStats } from '../../schemas/worker.ts';
import type { RoomEntry } from '../store/directory.ts';
import type { Command } from './command.ts';
import type { CommandId } from './event.ts';
import type { RoomState } from './state.ts';

/** `duplicate`: a command with this id was folded before; nothing was done again. */
export type Outcome =
  | { readonly ok: true; readonly seq: number; readonly duplicate?: true }
  | { readonly ok: false; readonly refusal: Refusal };

/** Everything folded in one tick: notices in log order and the room's seq and state after them. */
export interface NoticeBatch {
  readonly seq: number;
  readonly state: RoomState;
  readonly notices: readonly AddressedNotice[];
  /** The log entry behind each notice: who took the state at seq n skips those up to n. */
  readonly seqs?: readonly number[];
}

export interface LiveRoom {
  /** Whether this edge is its conductor; absent: no. */
  readonly conducts?: boolean;
  readonly id: string;
  /** Where it lives; absent: beside the directory (store/homes.ts). */
  readonly home?: string | undefined;
  /** Changes whenever the log was begun anew; a client's seq is meaningful only with its epoch. */
  readonly epoch: string;
  readonly state: RoomState;
  /**
   * Decides, appends and resolves once the events are folded here. Listeners get the batch after that, never before: an
   * acknowledgement sent when this resolves precedes the notices it caused. Never rejects for a rule; rejects with
   * SluiceError `unavailable` when the log cannot be reached.
   */
  execute(command: Command, by?: CommandId): Promise<Outcome>;
  /** Called once a tick with what was folded in it since the call of `listen`. */
  listen(listener: (batch: NoticeBatch) => void): Unsubscribe;
  /** Notices after `seq`, in order, up to `state.seq`; undefined when they are no longer kept or the epoch differs. */
  since(seq: number, epoch: string): readonly AddressedNotice[] | undefined;
  /** A seq for `since`: everything after it is younger than `time` (milliseconds since 1970), as far as it is kept. */
  seqAt(time: number): number;
  /** Passes a client's signaling to its transport's worker. Rejects with SluiceError when it cannot be answered. */
  signal(transport: string, participant: string, signaling: Signaling): Promise<SignalReply>;
  stats(transport: string): Promise<TransportStats>;
  /** What the room's mixers do and cost; empty while it has none. Rejects with SluiceError as their worker does. */
  mixerStats(): Promise<readonly MixerStats[]>;
}

export interface Rooms {
  /**
   * The live room, opened from its document if need be; `entry` is what the directory has just said of it, if it was asked.
   * Rejects with `room-not-found` for an unknown id.
   */
  open(room: string, entry?: RoomEntry): Promise<LiveRoom>;
  /** The live room, if it is live; REST answers `[]` for the others. */
  find(room: string): LiveRoom | undefined;
  /** As `find`, but also one that lives on another edge: it is opened here too. Rejects as `open` does. */
  reach(room: string): Promise<LiveRoom | undefined>;
  /** Whether any worker of that purpose is alive. */
  serves(purpose: Purpose): Promise<boolean>;
  /** The rooms that are live on this edge. */
  all(): readonly LiveRoom[];
  close(): Promise<void>;
}
