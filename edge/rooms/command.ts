// Owns what can be asked of a room: by a client (ids made by its portal), by REST, by a worker's report, by the
// conductor. `decide` turns a command into events or a refusal.
import type {
  MediaChoice,
  PublishRequest,
  SubscribeRequest,
  WantedParameters,
} from '../../schemas/request.ts';
import type { Refusal } from '../../schemas/error.ts';
import type { Origin, RoomDocument, RoomSchedule } from '../../schemas/room.ts';
import type { ParticipantPatch } from '../../schemas/management.ts';
import type { TrackStatus } from '../../schemas/media.ts';
import type { ServerSessionKind, ServerSessionRequest } from '../../schemas/server-session.ts';
import type { ReportItem } from '../../schemas/worker.ts';
import type { RoomEvent } from './event.ts';
import type { Transcoders } from './transcoders.ts';

/** Who acts: a participant with its own rights, or the server (REST, the room's own upkeep) with all of them. */
export type Actor = { readonly participant: string } | 'server';

export type Command =
  | { readonly type: 'open'; readonly document: RoomDocument; readonly transcoders?: Transcoders }
  /** Workers are heard of that can do this, whatever was known when the room opened. */
  | { readonly type: 'learn-transcoders'; readonly transcoders: Transcoders }
  | { readonly type: 'close'; readonly reason: string }
  /** The idle timer rang: closes the room only if nothing is in it. */
  | { readonly type: 'close-if-idle' }
  /** When people may join; absent: at any time. */
  | { readonly type: 'reschedule'; readonly schedule?: RoomSchedule }
  | {
      readonly type: 'join';
      readonly participant: string;
      readonly user: string;
      readonly role: string;
      readonly origin: Origin;
      readonly edge: string;
    }
  /** With `from` only if the participant is attached there. */
  | {
      readonly type: 'attach';
      readonly participant: string;
      readonly edge: string;
      readonly from?: string;
    }
  | { readonly type: 'leave'; readonly participant: string }
  /** The grace period is over: leaves only if the participant is still attached to this edge. */
  | { readonly type: 'expire'; readonly participant: string; readonly edge: string }
  | { readonly type: 'drop'; readonly participant: string; readonly reason: string }
  | { readonly type: 'patch-participant'; readonly participant: string; readonly patch: ParticipantPatch }
  | {
      readonly type: 'publish';
      readonly participant: string;
      /** The new session's id, also the transport's id when the request names none. */
      readonly session: string;
      readonly request: PublishRequest;
    }
  | { readonly type: 'unpublish'; readonly actor: Actor; readonly session: string }
  | {
      readonly type: 'subscribe';
      readonly participant: string;
      readonly session: string;
      readonly request: SubscribeRequest;
    }
  | { readonly type: 'unsubscribe'; readonly actor: Actor; readonly session: string }
  /** What the server itself takes in, sends, records, analyses or dials; `session` is its new id. */
  | { readonly type: 'start-session'; readonly session: string; readonly request: ServerSessionRequest }
  | {
      readonly type: 'update-session';
      readonly session: string;
      readonly kind: ServerSessionKind;
      readonly changes: SessionChanges;
    }
  | { readonly type: 'end-session'; readonly session: string; readonly kind: ServerSessionKind }
  /** Its start, or its update, took too long: it ends, or goes back to what it was. */
  | { readonly type: 'give-up-session'; readonly session: string; readonly reason: string }
  | {
      readonly type: 'set-stream-status';
      readonly actor: Actor;
      readonly stream: string;
      readonly operation: 'pause' | 'play';
      readonly media: MediaChoice;
    }
  | {
      readonly type: 'set-subscription-status';
      readonly actor: Actor;
      readonly subscription: string;
      readonly operation: 'pause' | 'play';
      readonly media: MediaChoice;
    }
  | {
      readonly type: 'update-subscription';
      readonly actor: Actor;
      readonly subscription: string;
      readonly audio?: { readonly from: string } | undefined;
      readonly video?:
        | { readonly from?: string | undefined; readonly parameters?: WantedParameters | undefined }
        | undefined;
    }
  /** `view` is a label. */
  | {
      readonly type: 'mix' | 'unmix';
      readonly actor: Actor;
      readonly stream: string;
      readonly view: string;
    }
  | {
      readonly type: 'set-region';
      readonly actor: Actor;
      readonly stream: string;
      readonly view: string;
      readonly region: string;
    }
  /** `stream` is the mixed one, `layout` as it was sent. */
  | {
      readonly type: 'set-layout';
      readonly actor: Actor;
      readonly stream: string;
      readonly layout: unknown;
    }
  | { readonly type: 'text'; readonly from: string; readonly to: string; readonly message: string }
  | { readonly type: 'place-transport'; readonly transport: string; readonly worker: string }
  | { readonly type: 'transport-unplaceable'; readonly transport: string; readonly reason: string }
  | { readonly type: 'place-mixing'; readonly worker: string }
  /** No worker has an engine that the room allows. */
  | { readonly type: 'mixing-unplaceable'; readonly reason: string }
  | { readonly type: 'report'; readonly worker: string; readonly item: ReportItem }
  | { readonly type: 'worker-lost'; readonly worker: string; readonly reason: string };

/** Of what a server session sends or records, by kind. */
export interface SessionChanges {
  readonly audio?: { readonly from?: string; readonly status?: TrackStatus };
  readonly video?: {
    readonly from?: string;
    readonly status?: TrackStatus;
    /** Those named replace those it has. */
    readonly parameters?: WantedParameters;
  };
}

/** An accepted command with no events was already true. */
export type Decision =
  | { readonly ok: true; readonly events: readonly RoomEvent[] }
  | { readonly ok: false; readonly refusal: Refusal };
