// Owns what edges and media workers say to each other over the bus: a worker's announcement, the desired document of a
// room, signaling for one transport, and reports of what became true (architecture §4).
import * as v from 'valibot';
import { homeNameSchema } from './bus.ts';
import { deviceWishSchema, workerDeviceSchema } from './device.ts';
import { desiredLinkSchema, linkSignalSchema } from './link.ts';
import { audioFormatSchema, kindSchema, resolutionSchema, videoFormatSchema } from './media.ts';
import { mediaEngineOrderSchema } from './media-engine.ts';
import { desiredPictureTapSchema, maxTaps } from './picture-tap.ts';
import { regionSchema } from './stream.ts';
import { workResultSchema, workSchema } from './work.ts';

export const purposeSchema = v.picklist([
  'webrtc',
  'audio',
  'video',
  'recording',
  'streaming',
  'analytics',
  'sip',
]);
export type Purpose = v.InferOutput<typeof purposeSchema>;

const id = v.pipe(v.string(), v.minLength(1), v.maxLength(128));
/** What carries media in a room: a published track or layer, or the output of a mixer, named after what it is made of. */
const trackId = v.pipe(v.string(), v.minLength(1), v.maxLength(640));
const mixerId = v.pipe(v.string(), v.minLength(1), v.maxLength(512));

// ---- announcement: published on channels.workers every second and at every change, by workers and by edges

/** What is scheduled: media purposes, which workers serve, and clients' connections, which edges serve. */
export const scheduledPurposeSchema = v.picklist([...purposeSchema.options, 'portal']);
export type ScheduledPurpose = v.InferOutput<typeof scheduledPurposeSchema>;

const name = v.pipe(v.string(), v.minLength(1), v.maxLength(128));
const names = v.pipe(v.array(name), v.maxLength(64));

/** As `video` below. */
const videoCapacitySchema = v.object({ decode: names, encode: names });
export type VideoCapacity = Readonly<v.InferOutput<typeof videoCapacitySchema>>;
const engineCapacitySchema = v.object({ engine: name, ...videoCapacitySchema.entries });

/** What a worker can do (spec cluster §5, §6). Empty lists of ISPs or regions: all of them. */
export const capacitySchema = v.object({
  isps: names,
  regions: names,
  /** Of purpose `video`: text forms of formats, `codec` or `codec_profile`. Absent: all of them. */
  video: v.optional(videoCapacitySchema),
  /** Of purpose `analytics`: what it can look for. */
  algorithms: v.optional(names),
  /** Media engines, the preferred one first. Absent: `wasm`. */
  engines: v.optional(names),
  /** Of purpose `video`: what each of them has of the above. Absent: each all of it. */
  byEngine: v.optional(v.pipe(v.array(engineCapacitySchema), v.maxLength(16))),
});
export type Capacity = v.InferOutput<typeof capacitySchema>;

export const aliveAnnouncementSchema = v.object({
  type: v.literal('alive'),
  worker: id,
  purposes: v.pipe(v.array(scheduledPurposeSchema), v.minLength(1)),
  /** 0..1 for each purpose, the fullest of what limits it; a purpose whose load is not known yet is not here. */
  load: v.record(scheduledPurposeSchema, v.pipe(v.number(), v.minValue(0))),
  /** By purpose, what one more task is measured to add to that; absent: not measured, it is estimated. */
  cost: v.exactOptional(v.record(scheduledPurposeSchema, v.pipe(v.number(), v.minValue(0), v.maxValue(1)))),
  /** No new work from this load on. */
  maxLoad: v.number(),
  /** Only who is ready gets new work; what runs on a draining one goes on. */
  state: v.picklist(['starting', 'ready', 'draining']),
  capacity: capacitySchema,
  /** The GPU that it makes pictures with. */
  device: v.exactOptional(workerDeviceSchema),
  /** Where clients connect to; edges only. `host` is `name:port`. */
  portal: v.optional(
    v.object({ host: v.pipe(v.string(), v.minLength(1), v.maxLength(512)), secure: v.boolean() }),
  ),
});
export type AliveAnnouncement = v.InferOutput<typeof aliveAnnouncementSchema>;

export const workerAnnouncementSchema = v.variant('type', [
  aliveAnnouncementSchema,
  v.object({ type: v.literal('quit'), worker: id }),
]);
export type WorkerAnnouncement = v.InferOutput<typeof workerAnnouncementSchema>;

// ---- desired: what must exist on one worker for one room

export const formatSchema = v.union([audioFormatSchema, videoFormatSchema]);
export type Format = v.InferOutput<typeof formatSchema>;

export const desiredPublicationSchema = v.object({
  id,
  tracks: v.array(
    v.object({
      mid: v.string(),
      kind: kindSchema,
      /** Acceptable formats; the offer's order decides among them (portal-protocol §7.3). */
      formats: v.array(formatSchema),
      /** Muted at the server: received, not forwarded. */
      paused: v.boolean(),
    }),
  ),
});
export type DesiredPublication = v.InferOutput<typeof desiredPublicationSchema>;

export const desiredSubscriptionSchema = v.object({
  id,
  /**
   * Of work only: grows with each change of what it carries, and its worker reports `subscription-ready` or
   * `subscription-failed` with it once that is done. Absent: 0.
   */
  revision: v.optional(v.number()),
  tracks: v.array(
    v.object({
      mid: v.string(),
      kind: kindSchema,
      /**
       * The published track, simulcast layer or mixer output it carries. Absent until it is known, from the format that
       * the negotiation chose, what must be made: the worker reports `subscription-negotiated` and is told then.
       */
      from: v.optional(trackId),
      /** Acceptable formats; of a forward stream its own is first. */
      formats: v.array(formatSchema),
      /** What decides among the formats: this list (forward streams), or the client's offer (mixed streams). */
      preference: v.picklist(['formats', 'offer']),
      paused: v.boolean(),
    }),
  ),
});
export type DesiredSubscription = v.InferOutput<typeof desiredSubscriptionSchema>;

export const desiredTransportSchema = v.object({
  id,
  participant: id,
  /** What to do where no client is the other end; absent: a client's peer connection. */
  work: v.optional(workSchema),
  publications: v.array(desiredPublicationSchema),
  subscriptions: v.array(desiredSubscriptionSchema),
});
export type DesiredTransport = v.InferOutput<typeof desiredTransportSchema>;

/** Frames/s, kbit/s and seconds. Without a resolution the pictures keep the size in which they come. */
export const desiredVideoOutputSchema = v.object({
  /** Subscribers with equal wishes share it, so the wish is its name. */
  track: trackId,
  format: videoFormatSchema,
  resolution: v.optional(resolutionSchema),
  framerate: v.number(),
  bitrateKbps: v.number(),
  keyFrameInterval: v.number(),
});
export type DesiredVideoOutput = v.InferOutput<typeof desiredVideoOutputSchema>;

export const desiredVideoInputSchema = v.object({
  /** Unique in the mixer. */
  id: trackId,
  stream: id,
  /** The simulcast layers of one m-line, or its one track; the smallest that fills the region is decoded. */
  layers: v.array(
    v.object({ track: trackId, format: videoFormatSchema, resolution: v.optional(resolutionSchema) }),
  ),
  /** An inactive (muted) input is shown as the avatar. */
  active: v.boolean(),
  region: regionSchema,
});
export type DesiredVideoInput = v.InferOutput<typeof desiredVideoInputSchema>;

/** A composed picture: a view's, or one input alone to be transcoded. */
export const desiredVideoMixerSchema = v.object({
  kind: v.literal('video'),
  id: mixerId,
  background: v.object({ r: v.number(), g: v.number(), b: v.number() }),
  fit: v.picklist(['letterbox', 'crop']),
  /** What may make it, best first; absent: what the worker has, in its order. */
  engines: v.exactOptional(mediaEngineOrderSchema),
  /** In the order of drawing. Inputs that are not shown are not here. */
  inputs: v.array(desiredVideoInputSchema),
  outputs: v.array(desiredVideoOutputSchema),
  /** Pictures for programs that look at them. */
  taps: v.exactOptional(v.pipe(v.array(desiredPictureTapSchema), v.maxLength(maxTaps))),
  /** The audio mixer whose sound goes with the picture. */
  companion: v.optional(mixerId),
});
export type DesiredVideoMixer = v.InferOutput<typeof desiredVideoMixerSchema>;

/** A mixed sound: a view's, or one input alone to be transcoded. */
export const desiredAudioMixerSchema = v.object({
  kind: v.literal('audio'),
  id: mixerId,
  inputs: v.array(
    v.object({
      /** Unique in the mixer. */
      id: trackId,
      stream: id,
      /** The participant that speaks. */
      owner: id,
      track: trackId,
      format: audioFormatSchema,
      /** An inactive (muted) input is not heard. */
      active: v.boolean(),
    }),
  ),
  outputs: v.array(
    v.object({
      track: trackId,
      format: audioFormatSchema,
      /** The participant who hears all but itself. */
      without: v.optional(id),
    }),
  ),
  /**
   * Present: whoever is loudest is reported (`speaker`) when it is another than before. A changed number forgets who was
   * reported last.
   */
  voice: v.optional(v.object({ attention: v.number() })),
});
export type DesiredAudioMixer = v.InferOutput<typeof desiredAudioMixerSchema>;

/** The loudest inputs, as they are, on as many outputs: the streams of `selectActiveAudio` (room-model §8.3). */
export const desiredAudioSelectorSchema = v.object({
  kind: v.literal('selector'),
  id: mixerId,
  inputs: v.array(v.object({ stream: id, track: trackId, format: audioFormatSchema, active: v.boolean() })),
  /** Track ids. Each keeps its input as long as that is among the loudest, whatever their order. */
  outputs: v.array(trackId),
});
export type DesiredAudioSelector = v.InferOutput<typeof desiredAudioSelectorSchema>;

export const desiredMixerSchema = v.variant('kind', [
  desiredVideoMixerSchema,
  desiredAudioMixerSchema,
  desiredAudioSelectorSchema,
]);
export type DesiredMixer = v.InferOutput<typeof desiredMixerSchema>;

/** Replaces the worker's whole document of that room; one without transports and mixers ends the room there. */
export const desiredRoomSchema = v.object({
  room: id,
  /** Where the room lives, and what is said of it is said (`channelAt`); absent: beside the directory. */
  home: v.exactOptional(homeNameSchema),
  /**
   * The fencing token of the conductor's lease; absent: 0. A document of a lower one than held is refused, one of a higher
   * one counts whatever its version: the log may have begun anew.
   */
  fence: v.exactOptional(v.number()),
  /** The room log's seq this document was planned from; a lower version than the one held is ignored. */
  version: v.number(),
  transports: v.array(desiredTransportSchema),
  mixers: v.array(desiredMixerSchema),
  /** By peer what crosses between the two; absent where the room has all it needs. */
  links: v.exactOptional(v.array(desiredLinkSchema)),
});
export type DesiredRoom = v.InferOutput<typeof desiredRoomSchema>;

// ---- requests served by a worker on channels.worker(id)

const candidateSchema = v.object({
  candidate: v.string(),
  sdpMid: v.optional(v.nullable(v.string())),
  sdpMLineIndex: v.optional(v.nullable(v.number())),
});
export type IceCandidate = v.InferOutput<typeof candidateSchema>;

/** Signaling from a client to its transport. Sizes are bounded by the gateways before they come here. */
export const signalingSchema = v.variant('type', [
  v.object({ type: v.literal('offer'), sdp: v.string() }),
  v.object({ type: v.literal('candidate'), candidate: candidateSchema }),
  v.object({ type: v.literal('removed-candidates'), candidates: v.array(candidateSchema) }),
]);
export type Signaling = v.InferOutput<typeof signalingSchema>;

export const workerRequestSchema = v.variant('type', [
  v.object({ type: v.literal('desired'), desired: desiredRoomSchema }),
  v.object({
    type: v.literal('signal'),
    room: id,
    transport: id,
    /** The worker waits (bounded) until it holds a document of at least this version before it answers. */
    version: v.number(),
    signaling: signalingSchema,
  }),
  /** Counters of one transport for statistics; what is counted is in `TransportStats`. */
  v.object({ type: v.literal('stats'), room: id, transport: id }),
  /** Refuses new work from now on, or takes it again; the reply says how many rooms the worker has. */
  v.object({ type: v.literal('drain'), on: v.boolean() }),
  /** Whether its device is used from now on; the reply is a `DeviceRest`. */
  v.object({ type: v.literal('device'), state: deviceWishSchema }),
  /** How its device and its video pipelines fare; the reply is a `MediaUse`. */
  v.object({ type: v.literal('media-use') }),
  /** What the mixers of a room do and cost; the reply is a list of `MixerStats`, empty for a room it does not have. */
  v.object({ type: v.literal('mixer-stats'), room: id }),
  /** From another worker, about the link between the two. */
  v.object({ type: v.literal('link-signal'), from: id, signal: linkSignalSchema }),
  /** The reply is a list of `LinkStats`, one for each worker it has a link with. */
  v.object({ type: v.literal('link-stats') }),
]);
export type WorkerRequest = v.InferOutput<typeof workerRequestSchema>;

export const signalReplySchema = v.object({ answer: v.optional(v.string()) });
export type SignalReply = v.InferOutput<typeof signalReplySchema>;

export const drainReplySchema = v.object({ rooms: v.number() });

/** Counters of one RTP stream since it began. `bytes` counts RTP payload and headers, without IP/UDP/SRTP. */
export interface RtpCounters {
  readonly track: string;
  readonly ssrc: number;
  readonly packets: number;
  readonly bytes: number;
  readonly packetsLost: number;
  readonly retransmissions: number;
  readonly nacks: number;
  readonly plis: number;
  readonly keyFrames: number;
  /** RFC 3550 §6.4.1, in timestamp units. */
  readonly jitter: number;
  readonly rttMs?: number;
}
export interface TransportStats {
  readonly transport: string;
  readonly state: string;
  readonly received: readonly RtpCounters[];
  readonly sent: readonly RtpCounters[];
}

/** Milliseconds unless said otherwise; distributions are over the last few seconds. */
export interface Distribution {
  readonly p50: number;
  readonly p99: number;
}
export interface VideoMixerStats {
  readonly kind: 'video';
  readonly id: string;
  readonly engine: string;
  /** How often its thread was begun again after a crash or standstill. */
  readonly rebuilds: number;
  /** How often another engine took over from one that failed, and why the last time. */
  readonly fallbacks: number;
  readonly fallbackReason?: string;
  /** Of the time: how long its engine works, all stages together; above 1 where it does several things at a time. */
  readonly share?: number;
  /** Pieces of work that wait for its engine. */
  readonly queue?: number;
  /** Pictures/s wanted, made, and what it is held to while the machine is full. */
  readonly framerate: { readonly wanted: number; readonly made: number; readonly limit: number };
  /** Work for one picture. */
  readonly decodeMs: Distribution;
  readonly composeMs: Distribution;
  readonly encodeMs: Distribution;
  /** From a frame's last packet to the picture it is first seen in, encoded. */
  readonly addedMs: Distribution;
  /** Sound minus picture of one stream in the mix: above 0 sound comes later. Absent where neither or one is known. */
  readonly skewMs?: number;
  readonly inputs: readonly {
    readonly id: string;
    readonly track?: string;
    readonly width: number;
    readonly height: number;
    readonly decoded: number;
    readonly broken: number;
    readonly keyFrameRequests: number;
    /** Why it is not decoded but shown as if it were muted: its stream broke engines. Absent: it is. */
    readonly isolated?: string;
  }[];
  readonly outputs: readonly {
    readonly track: string;
    readonly width: number;
    readonly height: number;
    readonly frames: number;
    readonly keyFrames: number;
    readonly bytes: number;
  }[];
}
export interface AudioMixerStats {
  readonly kind: 'audio';
  readonly id: string;
  readonly rebuilds: number;
  /** Work for one period of 20 ms. */
  readonly mixMs: Distribution;
  /** From a packet's arrival to the mix it is heard in, encoded. */
  readonly addedMs: Distribution;
  /** Periods that came too late to be heard. */
  readonly missed: number;
  readonly inputs: readonly {
    readonly id: string;
    /** 0 is full scale, -127 silence. */
    readonly levelDb: number;
    readonly played: number;
    readonly concealed: number;
    readonly late: number;
    readonly delayMs: number;
  }[];
  readonly outputs: readonly { readonly track: string; readonly packets: number; readonly bytes: number }[];
}
export type MixerStats = VideoMixerStats | AudioMixerStats;

// ---- reports: requested by a worker on channels.reports(room), acknowledged by the room's conductor

export const reportedTrackSchema = v.object({
  id,
  kind: kindSchema,
  mid: v.string(),
  rid: v.optional(v.string()),
  format: formatSchema,
  resolution: v.optional(resolutionSchema),
});
export type ReportedTrack = v.InferOutput<typeof reportedTrackSchema>;

export const reportItemSchema = v.variant('type', [
  /** Connected; of work, that it runs, and what is to be told of it. */
  v.object({ type: v.literal('transport-ready'), transport: id, result: v.optional(workResultSchema) }),
  v.object({ type: v.literal('transport-failed'), transport: id, reason: v.string() }),
  /** Of an analysis, before it is ready: it publishes what it makes of its source, mids `audio-out` and `video-out`. */
  v.object({ type: v.literal('augmented'), transport: id, tracks: v.array(reportedTrackSchema) }),
  v.object({ type: v.literal('publication-ready'), publication: id, tracks: v.array(reportedTrackSchema) }),
  /** A simulcast layer appeared or a resolution became known: the whole list again. */
  v.object({ type: v.literal('publication-changed'), publication: id, tracks: v.array(reportedTrackSchema) }),
  v.object({ type: v.literal('publication-failed'), publication: id, reason: v.string() }),
  /** The formats that an answer settled on, by mid; said again after each negotiation that changes them. */
  v.object({
    type: v.literal('subscription-negotiated'),
    subscription: id,
    tracks: v.array(v.object({ mid: v.string(), format: formatSchema })),
  }),
  v.object({ type: v.literal('subscription-ready'), subscription: id, revision: v.optional(v.number()) }),
  v.object({
    type: v.literal('subscription-failed'),
    subscription: id,
    reason: v.string(),
    revision: v.optional(v.number()),
  }),
  /** This worker cannot run the mixer; it is tried again with the next document that changes it. */
  v.object({ type: v.literal('mixer-failed'), mixer: mixerId, reason: v.string() }),
  /** The loudest input of an audio mixer is another than before. */
  v.object({ type: v.literal('speaker'), mixer: mixerId, stream: id }),
  /** What a selector's outputs carry now, in their order; absent: nothing yet. */
  v.object({
    type: v.literal('selected'),
    mixer: mixerId,
    inputs: v.array(v.object({ stream: v.optional(id), volume: v.picklist(['major', 'minor']) })),
  }),
]);
export type ReportItem = v.InferOutput<typeof reportItemSchema>;

/** Sent until acknowledged, in order, so a report may arrive twice: every item is idempotent. */
export const workerReportSchema = v.object({ worker: id, room: id, items: v.array(reportItemSchema) });
export type WorkerReport = v.InferOutput<typeof workerReportSchema>;
