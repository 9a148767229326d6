// Owns what edges and media workers say to each other over the bus: a worker's announcement, the desired document of a
// room, signaling for one transport, and reports of what became true (architecture §4).
import * as v from 'valibot';
import { audioFormatSchema, kindSchema, resolutionSchema, videoFormatSchema } from './media.ts';

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

// ---- announcement: published on channels.workers every second and at every change

export const workerAnnouncementSchema = v.variant('type', [
  v.object({
    type: v.literal('alive'),
    worker: id,
    purposes: v.array(purposeSchema),
    /** 0..1, the fullest of its limits. */
    load: v.number(),
    maxLoad: v.number(),
    isps: v.array(v.string()),
    regions: v.array(v.string()),
    /** Refuses new work; what runs goes on. */
    draining: v.boolean(),
  }),
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
  tracks: v.array(
    v.object({
      mid: v.string(),
      kind: kindSchema,
      /** The source: a publication and one of its tracks (for simulcast a layer) by full track id. */
      from: v.object({ publication: id, track: id }),
      /** Formats in order of preference; the source's own is first. */
      formats: v.array(formatSchema),
      paused: v.boolean(),
    }),
  ),
});
export type DesiredSubscription = v.InferOutput<typeof desiredSubscriptionSchema>;

export const desiredTransportSchema = v.object({
  id,
  participant: id,
  publications: v.array(desiredPublicationSchema),
  subscriptions: v.array(desiredSubscriptionSchema),
});
export type DesiredTransport = v.InferOutput<typeof desiredTransportSchema>;

/** Replaces the worker's whole document of that room; an empty list of transports ends the room there. */
export const desiredRoomSchema = v.object({
  room: id,
  /** The room log's seq this document was planned from; a lower version than the one held is ignored. */
  version: v.number(),
  transports: v.array(desiredTransportSchema),
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
]);
export type WorkerRequest = v.InferOutput<typeof workerRequestSchema>;

export const signalReplySchema = v.object({ answer: v.optional(v.string()) });
export type SignalReply = v.InferOutput<typeof signalReplySchema>;

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
  v.object({ type: v.literal('transport-ready'), transport: id }),
  v.object({ type: v.literal('transport-failed'), transport: id, reason: v.string() }),
  v.object({ type: v.literal('publication-ready'), publication: id, tracks: v.array(reportedTrackSchema) }),
  /** A simulcast layer appeared or a resolution became known: the whole list again. */
  v.object({ type: v.literal('publication-changed'), publication: id, tracks: v.array(reportedTrackSchema) }),
  v.object({ type: v.literal('publication-failed'), publication: id, reason: v.string() }),
  v.object({ type: v.literal('subscription-ready'), subscription: id }),
  v.object({ type: v.literal('subscription-failed'), subscription: id, reason: v.string() }),
]);
export type ReportItem = v.InferOutput<typeof reportItemSchema>;

/** Sent until acknowledged, in order, so a report may arrive twice: every item is idempotent. */
export const workerReportSchema = v.object({ worker: id, room: id, items: v.array(reportItemSchema) });
export type WorkerReport = v.InferOutput<typeof workerReportSchema>;
