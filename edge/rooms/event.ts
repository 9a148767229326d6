// Owns the events of a room's log: facts, each complete in itself, never re-decided; their bytes are record-codec.ts's. An
// end takes along what hangs on it (`removal.ts`): one event ends a participant with its transports and sessions, a
// transport with its sessions, a publication with the subscriptions on it, and the room with everything.
import type { Kind, TrackStatus } from '../../schemas/media.ts';
import type { Origin, RoomDocument, RoomSchedule } from '../../schemas/room.ts';
import type { ForwardStreamType, LayoutEntry, Permission } from '../../schemas/stream.ts';
import type { Work, WorkResult } from '../../schemas/work.ts';
import type { Purpose } from '../../schemas/worker.ts';
import type { Transcoders } from './transcoders.ts';
import type { Participant, RequestedTrack, SelectedAudio, SubscribedTrack, Track } from './state.ts';

export type RoomEvent =
  /**
   * Without `transcoders` nothing can be mixed or transcoded; `document.mediaOut` holds only what can be made, `configured`
   * the rest too, where there is more.
   */
  | {
      readonly type: 'room-opened';
      readonly document: RoomDocument;
      readonly configured?: RoomDocument;
      readonly transcoders?: Transcoders;
    }
  /** More or less can be mixed and transcoded than before; `document` is what that leaves of the configured one. */
  | {
      readonly type: 'transcoders-learned';
      readonly document: RoomDocument;
      readonly transcoders: Transcoders;
    }
  | { readonly type: 'room-closed'; readonly reason: string }
  /** Absent: people may join at any time. */
  | { readonly type: 'schedule-changed'; readonly schedule?: RoomSchedule }
  | { readonly type: 'participant-joined'; readonly participant: Omit<Participant, 'lastCid'> }
  /** The participant's connection is now on this edge. */
  | { readonly type: 'participant-attached'; readonly participant: string; readonly edge: string }
  /** With `dropped` the participant is told so before its connection ends. Its sessions end without another word to it. */
  | { readonly type: 'participant-left'; readonly participant: string; readonly dropped?: string }
  | { readonly type: 'permission-changed'; readonly participant: string; readonly permission: Permission }
  | {
      readonly type: 'transport-opened';
      readonly transport: string;
      readonly owner: string;
      readonly purpose: Purpose;
      readonly origin: Origin;
      readonly work?: Work;
    }
  | { readonly type: 'transport-placed'; readonly transport: string; readonly worker: string }
  | { readonly type: 'transport-ready'; readonly transport: string; readonly result?: WorkResult }
  /** With a reason the owner is told, of the transport and of each session on it. */
  | { readonly type: 'transport-closed'; readonly transport: string; readonly reason?: string }
  | {
      readonly type: 'publication-requested';
      readonly stream: string;
      readonly owner: string;
      readonly streamType: ForwardStreamType;
      readonly transport: string;
      readonly tracks: readonly RequestedTrack[];
      readonly attributes?: Readonly<Record<string, unknown>>;
    }
  | { readonly type: 'publication-ready'; readonly stream: string; readonly tracks: readonly Track[] }
  /** Subscriptions to tracks that are no longer there end. */
  | { readonly type: 'publication-changed'; readonly stream: string; readonly tracks: readonly Track[] }
  /** `reason` is for the owner; absent when the owner asked for it. */
  | { readonly type: 'publication-ended'; readonly stream: string; readonly reason?: string }
  | {
      readonly type: 'stream-status-changed';
      readonly stream: string;
      readonly kind: Kind;
      readonly status: TrackStatus;
    }
  | { readonly type: 'stream-mixed'; readonly stream: string; readonly view: string }
  | { readonly type: 'stream-unmixed'; readonly stream: string; readonly view: string }
  | {
      readonly type: 'region-set';
      readonly stream: string;
      readonly view: string;
      readonly region: string;
    }
  | { readonly type: 'layout-set'; readonly view: string; readonly layout: readonly LayoutEntry[] }
  /** Somebody speaks, who may have been the last one to (room-model §7.5). */
  | { readonly type: 'speaker-heard'; readonly view: string; readonly stream: string }
  | { readonly type: 'audio-selected'; readonly selected: readonly SelectedAudio[] }
  /** All mixers of the room run on this worker from now on. */
  | { readonly type: 'mixing-placed'; readonly worker: string }
  /** They run nowhere and want a place. */
  | { readonly type: 'mixing-displaced' }
  | {
      readonly type: 'subscription-requested';
      readonly subscription: string;
      readonly owner: string;
      readonly transport: string;
      readonly tracks: readonly SubscribedTrack[];
    }
  | { readonly type: 'subscription-ready'; readonly subscription: string }
  | {
      readonly type: 'subscription-changed';
      readonly subscription: string;
      readonly tracks: readonly SubscribedTrack[];
    }
  /** As changed, but it goes back to what it was if its worker cannot do it. */
  | {
      readonly type: 'subscription-replaced';
      readonly subscription: string;
      readonly tracks: readonly SubscribedTrack[];
    }
  /** It could not be replaced and carries again what it did before. */
  | { readonly type: 'subscription-restored'; readonly subscription: string }
  | { readonly type: 'subscription-ended'; readonly subscription: string; readonly reason?: string }
  | { readonly type: 'text-sent'; readonly from: string; readonly to: string; readonly message: string };

/** Who asked: makes a retry, a resend or a second decider recognisable (architecture §3). */
export interface CommandId {
  readonly participant: string;
  readonly cid: number;
}

/**
 * One log entry. `at` is in milliseconds since 1970, `by` the client command that caused it, `edge` the edge that command
 * was given to and `n` that edge's number for it, if another may have decided it.
 */
export interface LogRecord {
  readonly at: number;
  readonly edge: string;
  readonly n?: number;
  readonly by?: CommandId;
  readonly event: RoomEvent;
}

/** Where an entry comes from: all of a record but its event. */
export interface RecordHead {
  readonly at: number;
  readonly edge: string;
  readonly n: number | undefined;
  readonly by: CommandId | undefined;
}

/** Without what is undefined. Spelled out: spreads cost more than all the rest of a text's entry. */
export function logRecord({ at, edge, n, by }: RecordHead, event: RoomEvent): LogRecord {
  if (by === undefined) return n === undefined ? { at, edge, event } : { at, edge, n, event };
  return n === undefined ? { at, edge, by, event } : { at, edge, n, by, event };
}
