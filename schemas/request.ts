// Owns what a logged-in client may ask, in the form both gateways share (portal-protocol §6, protocol 1.2). The
// Socket.IO gateway passes request data through these schemas as it is; the WebSocket gateway wraps them with a command
// id (`signal.ts`). Unknown top-level fields are refused where the spec is strict.
import * as v from 'valibot';
import { kindSchema } from './media.ts';

/** Bounds of what one client may send, in bytes or entries. */
export const limits = {
  /** One Socket.IO packet or WebSocket frame. */
  messageBytes: 256 * 1024,
  textChars: 2048,
  sdpChars: 200_000,
  tracks: 32,
  attributesBytes: 16 * 1024,
  idChars: 128,
  /** Width or height of a picture. */
  sidePixels: 16_384,
} as const;

/** Ids that clients send (portal-protocol §1). */
export const idSchema = v.pipe(v.string(), v.regex(/^[0-9a-zA-Z-]+$/), v.maxLength(limits.idChars));
/**
 * Track and mixed stream ids also carry `:`, `.` and `_`. A mixed stream's id is `<room>-<label>`, so what a label may hold
 * (`viewLabelSchema` in room.ts) must be allowed here.
 */
export const sourceIdSchema = v.pipe(
  v.string(),
  v.regex(/^[0-9a-zA-Z_:.-]+$/),
  v.minLength(1),
  v.maxLength(limits.idChars * 2),
);
const mid = v.pipe(v.string(), v.minLength(1), v.maxLength(64));

const transportSchema = v.optional(
  v.strictObject({
    type: v.optional(v.picklist(['webrtc', 'quic'])),
    /** D shows null, the SDK omits it: both mean a new transport (portal-protocol §13). */
    id: v.optional(v.nullable(idSchema)),
  }),
);

export const publishSchema = v.strictObject({
  media: v.nullable(
    v.strictObject({
      tracks: v.pipe(
        v.array(
          v.object({
            type: kindSchema,
            mid,
            source: v.optional(v.picklist(['mic', 'camera', 'screen-cast', 'raw-file', 'encoded-file'])),
          }),
        ),
        v.maxLength(limits.tracks),
      ),
    }),
  ),
  data: v.optional(v.boolean()),
  attributes: v.optional(v.record(v.string(), v.unknown())),
  transport: transportSchema,
});
export type PublishRequest = v.InferOutput<typeof publishSchema>;

/** In pixels; what is wanted is looked up in lists, but a track of unknown size accepts any that passes here. */
const side = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(limits.sidePixels));
const positive = v.pipe(v.number(), v.gtValue(0), v.maxValue(1e6));

/** As `VideoParameters`: frames/s, kbit/s or a multiplier such as "x0.8", and seconds. */
export const wantedParameters = v.strictObject({
  resolution: v.optional(v.object({ width: side, height: side })),
  framerate: v.optional(positive),
  bitrate: v.optional(v.union([positive, v.pipe(v.string(), v.maxLength(16), v.regex(/^x\d+(\.\d+)?$/))])),
  keyFrameInterval: v.optional(positive),
});
export type WantedParameters = v.InferOutput<typeof wantedParameters>;

const word = v.pipe(v.string(), v.maxLength(32));
/** Any codec may be asked for; whether the room has it is the room's to say. */
const wantedFormat = v.object({
  codec: word,
  profile: v.optional(word),
  sampleRate: v.optional(positive),
  channelNum: v.optional(positive),
});

export const subscribeSchema = v.strictObject({
  media: v.nullable(
    v.strictObject({
      tracks: v.pipe(
        v.array(
          v.object({
            type: kindSchema,
            mid,
            /** A stream id, or a track id to choose one simulcast layer. */
            from: sourceIdSchema,
            format: v.optional(wantedFormat),
            parameters: v.optional(wantedParameters),
          }),
        ),
        v.maxLength(limits.tracks),
      ),
    }),
  ),
  data: v.optional(v.strictObject({ from: sourceIdSchema })),
  transport: transportSchema,
});
export type SubscribeRequest = v.InferOutput<typeof subscribeSchema>;

export const endSessionSchema = v.object({ id: idSchema });

const mediaChoice = v.picklist(['audio', 'video', 'av']);
export type MediaChoice = v.InferOutput<typeof mediaChoice>;

/** A view's label or a region's id; whether there is such a one is the room's to say. */
const name = v.pipe(v.string(), v.maxLength(limits.idChars));

export const streamControlSchema = v.variant('operation', [
  v.strictObject({ id: sourceIdSchema, operation: v.picklist(['pause', 'play']), data: mediaChoice }),
  v.strictObject({ id: sourceIdSchema, operation: v.picklist(['mix', 'unmix']), data: name }),
  v.strictObject({ id: sourceIdSchema, operation: v.literal('get-region'), data: name }),
  v.strictObject({
    id: sourceIdSchema,
    operation: v.literal('set-region'),
    data: v.strictObject({ view: name, region: name }),
  }),
]);
export type StreamControlRequest = v.InferOutput<typeof streamControlSchema>;

export const subscriptionControlSchema = v.variant('operation', [
  v.strictObject({ id: idSchema, operation: v.picklist(['pause', 'play']), data: mediaChoice }),
  v.strictObject({
    id: idSchema,
    operation: v.literal('update'),
    data: v.strictObject({
      audio: v.optional(v.strictObject({ from: sourceIdSchema })),
      video: v.optional(
        v.strictObject({ from: v.optional(sourceIdSchema), parameters: v.optional(wantedParameters) }),
      ),
    }),
  }),
]);
export type SubscriptionControlRequest = v.InferOutput<typeof subscriptionControlSchema>;

/** `to` is a participant id or "all". */
export const textSchema = v.object({
  to: v.pipe(v.string('Invalid receiver'), v.minLength(1, 'Invalid receiver'), v.maxLength(limits.idChars)),
  message: v.pipe(v.string(), v.maxLength(limits.textChars)),
});
export type TextRequest = v.InferOutput<typeof textSchema>;

const candidate = v.object({
  /** With or without the SDK's leading `a=`. */
  candidate: v.pipe(v.string(), v.maxLength(1024)),
  sdpMid: v.optional(v.nullable(v.string())),
  sdpMLineIndex: v.optional(v.nullable(v.number())),
});

export const clientSignalingSchema = v.variant('type', [
  v.object({ type: v.literal('offer'), sdp: v.pipe(v.string(), v.maxLength(limits.sdpChars)) }),
  /** Never sent by an SDK; accepted and ignored. */
  v.object({ type: v.literal('answer'), sdp: v.pipe(v.string(), v.maxLength(limits.sdpChars)) }),
  v.object({ type: v.literal('candidate'), candidate }),
  v.object({
    type: v.literal('removed-candidates'),
    candidates: v.pipe(v.array(candidate), v.maxLength(64)),
  }),
]);
export type ClientSignaling = v.InferOutput<typeof clientSignalingSchema>;

/** `id` is the transport's, not a session's. */
export const soacSchema = v.object({ id: idSchema, signaling: clientSignalingSchema });

// ---- login

export const userAgentSchema = v.object({
  sdk: v.object({
    type: v.pipe(v.string(), v.minLength(1), v.maxLength(64)),
    version: v.pipe(v.string(), v.minLength(1), v.maxLength(64)),
  }),
});
export type UserAgent = v.InferOutput<typeof userAgentSchema>;

export const protocolVersions = ['1.0', '1.1', '1.2'] as const;

export const loginSchema = v.object({
  token: v.pipe(v.string(), v.maxLength(8192)),
  userAgent: v.unknown(),
  protocol: v.optional(v.string()),
  reconnection: v.optional(v.union([v.boolean(), v.object({ keepTime: v.optional(v.number()) })])),
});
export type LoginRequest = v.InferOutput<typeof loginSchema>;
