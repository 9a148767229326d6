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
import type { Work, WorkResult } from '../../schemas/work.ts';
import type { Format, Purpose } from '../../schemas/worker.ts';
import { noTranscoders, type Transcoders } from './transcoders.ts';
import type { ViewInputs } from './view/view-inputs.ts';

export interface Participant {
  readonly id: string;
  readonly user: string;
  readonly role: string;
  readonly permission: Permission;
  readonly origin: Origin;
  /** The edge that holds the participant's connection, or held it last; empty for the peer of a call. */
  readonly edge: string;
  /** The highest command id of this participant in the log; 0 before the first. */
  readonly lastCid: number;
}

/**
 * One peer connection of a participant, or what the server itself takes in, sends, records, analyses or dials: then it has
 * `work`, its session has its id, and it ends with that session. `worker` is absent until the conductor has placed it.
 */
export interface Transport {
  readonly id: string;
  readonly owner: string;
  readonly purpose: Purpose;
  /** Where a worker for it is looked for. */
  readonly origin: Origin;
  readonly phase: 'opening' | 'ready';
  readonly worker?: string;
  readonly work?: Work;
  /** What the worker told of its work. */
  readonly result?: WorkResult;
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
  /** Labels of the views it is mixed in, in the order in which it came there. */
  readonly inViews: readonly string[];
}

export interface SubscribedTrack {
  readonly mid: string;
  readonly kind: Kind;
  /** What the client named: a stream id or a track id. */
  readonly from: string;
  /** Where that leads: a forward or mixed stream, and one of its tracks; those of mixed streams have no ids. */
  readonly stream: string;
  readonly track?: string;
  /**
   * In which format it is sent: asked for, or settled by the answer. Absent before that when nothing was asked. What has
   * to be made for it is the plan's business.
   */
  readonly format?: Format;
  readonly parameters?: WantedParameters;
  readonly status: TrackStatus;
}

export interface Subscription {
  readonly id: string;
  readonly owner: string;
  readonly transport: string;
  readonly phase: 'connecting' | 'ready';
  readonly tracks: readonly SubscribedTrack[];
  /** How often what it carries was replaced; absent: never. */
  readonly revision?: number;
  /** While a replacement is under way: what it goes back to if that fails. */
  readonly restore?: readonly SubscribedTrack[];
}

/** One of the room's views while the room lives; its settings are in the document. */
export interface View {
  readonly label: string;
  /** Of a view without video always `noInputs`. */
  readonly inputs: ViewInputs;
  /** A stream id, or "unknown" before anybody spoke. */
  readonly activeInput: string;
  /** Grows whenever the speaker is to be reported anew (room-model §7.5). */
  readonly attention: number;
}

/** One of the three streams of `selectActiveAudio` (room-model §8.3). */
export interface SelectedAudio {
  readonly stream?: string;
  readonly volume: 'major' | 'minor';
}

/** `document` is absent before `room-opened` and after `room-closed`: such a room accepts only `open`. */
export interface RoomState {
  readonly id: string;
  readonly seq: number;
  /** By edge the number of the last command that was forwarded and written for it. */
  readonly edges: ReadonlyMap<string, number>;
  readonly document?: RoomDocument | undefined;
  /** As it was configured; `document` holds of it what can be made now. */
  readonly configured?: RoomDocument | undefined;
  readonly participants: ReadonlyMap<string, Participant>;
  readonly transports: ReadonlyMap<string, Transport>;
  readonly streams: ReadonlyMap<string, Stream>;
  readonly subscriptions: ReadonlyMap<string, Subscription>;
  /** What can be mixed and transcoded for this room: kinds of media are only ever more, codecs come and go. */
  readonly transcoders: Transcoders;
  /** By label, in the document's order; empty where nothing can be mixed. */
  readonly views: ReadonlyMap<string, View>;
  /** Of `active-audio-0`, `-1`, `-2`; empty unless the document asks for them. */
  readonly selected: readonly SelectedAudio[];
  /** The worker that runs the room's mixers; absent until the conductor has placed them. */
  readonly mixing?: { readonly worker: string } | undefined;
}

export function emptyRoom(id: string): RoomState {
  return {
    id,
    seq: 0,
    edges: new Map(),
    document: undefined,
    configured: undefined,
    participants: new Map(),
    transports: new Map(),
    streams: new Map(),
    subscriptions: new Map(),
    transcoders: noTranscoders,
    views: new Map(),
    selected: [],
    mixing: undefined,
  };
}
