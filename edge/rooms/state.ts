// Owns the shape of a room's state: what the folded log amounts to. Only `evolve` makes new states.
import type {
  AudioFormat,
  Kind,
  Resolution,
  TrackSource,
  TrackStatus,
  VideoFormat,
} from '../../schemas/media.ts';
import type { WantedParameters } from '../../schemas/request.ts';
import type { Origin, RoomDocument } from '../../schemas/room.ts';
import type { ForwardStreamType, Permission } from '../../schemas/stream.ts';

export interface Participant {
  readonly id: string;
  readonly user: string;
  readonly role: string;
  readonly permission: Permission;
  readonly origin: Origin;
  /** The edge that holds the participant's connection, or held it last. */
  readonly edge: string;
  /** The highest command id of this participant in the log; 0 before the first. */
  readonly lastCid: number;
}

/** One peer connection of a participant. `worker` is absent until the conductor has placed it. */
export interface Transport {
  readonly id: string;
  readonly owner: string;
  readonly phase: 'opening' | 'ready';
  readonly worker?: string;
}

interface TrackBase {
  /** `<transport>-<mid>` with `:<rid>` for a simulcast layer. */
  readonly id: string;
  readonly mid: string;
  readonly rid?: string;
  readonly source?: TrackSource;
  readonly status: TrackStatus;
}
export interface AudioTrack extends TrackBase {
  readonly kind: 'audio';
  readonly format: AudioFormat;
}
export interface VideoTrack extends TrackBase {
  readonly kind: 'video';
  readonly format: VideoFormat;
  readonly resolution?: Resolution;
}
export type Track = AudioTrack | VideoTrack;

export interface RequestedTrack {
  readonly mid: string;
  readonly kind: Kind;
  readonly source?: TrackSource;
}

/** A forward stream; its id is its publication's session id. */
export interface Stream {
  readonly id: string;
  readonly owner: string;
  readonly type: ForwardStreamType;
  readonly transport: string;
  readonly requested: readonly RequestedTrack[];
  readonly attributes?: Readonly<Record<string, unknown>>;
  /** Connecting streams are hidden from clients and REST. */
  readonly phase: 'connecting' | 'ready';
  readonly tracks: readonly Track[];
  readonly inViews: readonly string[];
}

export interface SubscribedTrack {
  readonly mid: string;
  readonly kind: Kind;
  /** What the client named: a stream id or a track id. */
  readonly from: string;
  /** Where that leads: a stream and one of its tracks. */
  readonly stream: string;
  readonly track: string;
  readonly parameters?: WantedParameters;
  readonly status: TrackStatus;
}

export interface Subscription {
  readonly id: string;
  readonly owner: string;
  readonly transport: string;
  readonly phase: 'connecting' | 'ready';
  readonly tracks: readonly SubscribedTrack[];
}

/** `document` is absent before `room-opened` and after `room-closed`: such a room accepts only `open`. */
export interface RoomState {
  readonly id: string;
  readonly seq: number;
  readonly document?: RoomDocument;
  readonly participants: ReadonlyMap<string, Participant>;
  readonly transports: ReadonlyMap<string, Transport>;
  readonly streams: ReadonlyMap<string, Stream>;
  readonly subscriptions: ReadonlyMap<string, Subscription>;
}

export function emptyRoom(id: string): RoomState {
  return {
    id,
    seq: 0,
    participants: new Map(),
    transports: new Map(),
    streams: new Map(),
    subscriptions: new Map(),
  };
}
