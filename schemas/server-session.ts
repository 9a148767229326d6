// Owns the REST bodies of what the server itself takes in, sends, records, analyses and dials (spec rest-api §9–§11):
// requests, the operations of a PATCH, and the resources in replies. What a room makes of them is in edge/rooms.
import * as v from 'valibot';
import { audioFormatSchema, trackStatusSchema, videoFormatSchema } from './media.ts';
import { limits, sourceIdSchema } from './request.ts';
import { originSchema } from './room.ts';
import { dashParametersSchema, hlsParametersSchema, pulledKindSchema, workResultSchema } from './work.ts';

/** In bytes; the bound keeps one stream from asking a worker for all its memory. */
const bufferBytes = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(64 * 1024 * 1024));

// `http:host` and `http:\\host` are URLs to the platform too, but not for us: what is shown of one is masked by its text.
const written = /^[a-z]+:\/\/[^/\\\s]/i;
const unwelcome = /[\s\\\p{Cc}]/u;

/** A URL of one of these schemes, as text. Whether its host may be reached is checked by who connects. */
const urlOf = (schemes: readonly string[]) =>
  v.pipe(
    v.string(),
    v.maxLength(2048, 'URL is too long'),
    v.check(
      (text) => {
        if (!written.test(text) || unwelcome.test(text) || !URL.canParse(text)) return false;
        const { hostname, protocol } = new URL(text);
        return hostname !== '' && schemes.includes(protocol.slice(0, -1));
      },
      `Invalid URL: one of ${schemes.join(', ')} is expected`,
    ),
  );

export const streamingSchemes = ['rtsp', 'rtsps', 'rtmp', 'rtmps', 'http', 'https'] as const;
const streamingUrl = urlOf(streamingSchemes);

// ---- streaming-ins

export const streamingInSchema = v.strictObject({
  /** Whatever is sent, it is a stream of type `streaming`. */
  type: v.optional(v.unknown()),
  connection: v.strictObject({
    url: streamingUrl,
    transportProtocol: v.optional(v.picklist(['tcp', 'udp']), 'tcp'),
    bufferSize: v.optional(bufferBytes, 8192),
    /** Undocumented in the original: where the source is. */
    origin: v.optional(originSchema, { isp: 'isp', region: 'region' }),
  }),
  media: v.strictObject({ audio: pulledKindSchema, video: pulledKindSchema }),
  attributes: v.optional(v.record(v.string(), v.unknown())),
});
export type StreamingInRequest = v.InferOutput<typeof streamingInSchema>;

// ---- server-side subscriptions

const side = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(limits.sidePixels));
const resolution = v.strictObject({ width: side, height: side });
const positive = v.pipe(v.number(), v.gtValue(0), v.maxValue(1e6));
const parameters = v.strictObject({
  resolution: v.optional(resolution),
  framerate: v.optional(positive),
  bitrate: v.optional(v.union([positive, v.pipe(v.string(), v.regex(/^x\d{1,3}(\.\d{1,3})?$/))])),
  keyFrameInterval: v.optional(positive),
});

const wantedAudio = v.strictObject({ from: sourceIdSchema, format: v.optional(audioFormatSchema) });
const wantedVideo = v.strictObject({
  from: sourceIdSchema,
  format: v.optional(videoFormatSchema),
  parameters: v.optional(parameters),
});
export type WantedAudio = v.InferOutput<typeof wantedAudio>;
export type WantedVideo = v.InferOutput<typeof wantedVideo>;

const no = v.literal(false);
const media = v.pipe(
  v.strictObject({ audio: v.union([no, wantedAudio]), video: v.union([no, wantedVideo]) }),
  v.check(({ audio, video }) => audio !== false || video !== false, 'Audio and video are both false'),
);
export type WantedMedia = v.InferOutput<typeof media>;

const to = <const P extends string>(protocol: P, schemes: readonly string[]) => ({
  protocol: v.literal(protocol),
  url: urlOf(schemes),
});
const web = ['http', 'https'];

/** What `url` says about how to push to it (spec rest-api §10); undefined when it says nothing. */
export function guessedProtocol(url: string): 'rtmp' | 'rtsp' | 'hls' | 'dash' | undefined {
  if (/^rtmps?:/i.test(url)) return 'rtmp';
  if (/^rtsps?:/i.test(url)) return 'rtsp';
  if (url.endsWith('.m3u8')) return 'hls';
  return url.endsWith('.mpd') ? 'dash' : undefined;
}

/** Fills in the protocol; the variant below then says what is wrong with the rest. */
function withProtocol(body: unknown): unknown {
  if (typeof body !== 'object' || body === null || !('url' in body) || typeof body.url !== 'string')
    return body;
  if ('protocol' in body && body.protocol !== undefined) return body;
  return { ...body, protocol: guessedProtocol(body.url) };
}

export const streamingOutSchema = v.pipe(
  v.unknown(),
  v.transform(withProtocol),
  v.variant(
    'protocol',
    [
      v.strictObject({ ...to('rtmp', ['rtmp', 'rtmps']), media, parameters: v.optional(v.unknown()) }),
      v.strictObject({ ...to('rtsp', ['rtsp', 'rtsps']), media, parameters: v.optional(v.unknown()) }),
      v.strictObject({
        ...to('hls', web),
        media,
        parameters: v.optional(hlsParametersSchema, { method: 'PUT', hlsTime: 2, hlsListSize: 5 }),
      }),
      v.strictObject({
        ...to('dash', web),
        media,
        parameters: v.optional(dashParametersSchema, {
          method: 'PUT',
          dashSegDuration: 2,
          dashWindowSize: 5,
        }),
      }),
    ],
    'Invalid protocol or URL: rtmp, rtsp, hls or dash is expected',
  ),
);
export type StreamingOutRequest = v.InferOutput<typeof streamingOutSchema>;

export const recordingSchema = v.strictObject({
  container: v.optional(v.picklist(['mp4', 'mkv', 'ts', 'auto']), 'auto'),
  media,
});
export type RecordingRequest = v.InferOutput<typeof recordingSchema>;

export const analyticsSchema = v.strictObject({
  algorithm: v.pipe(v.string(), v.minLength(1), v.maxLength(limits.idChars)),
  /** Audio is not analysed, whatever is asked. */
  media: v.strictObject({ audio: v.optional(v.unknown()), video: wantedVideo }),
});
export type AnalyticsRequest = v.InferOutput<typeof analyticsSchema>;

export const sipCallSchema = v.strictObject({
  peerURI: v.pipe(
    v.string(),
    v.minLength(1),
    v.maxLength(256, 'Peer URI is too long'),
    v.check((text) => !unwelcome.test(text) && !/[<>"]/.test(text), 'Invalid peer URI'),
  ),
  mediaIn: v.strictObject({ audio: v.literal(true), video: v.boolean() }),
  mediaOut: v.strictObject({
    audio: v.strictObject({ from: sourceIdSchema }),
    video: v.union([no, v.strictObject({ from: sourceIdSchema, parameters: v.optional(parameters) })]),
  }),
});
export type SipCallRequest = v.InferOutput<typeof sipCallSchema>;

/** A request with what it asks for, as a room is given it. */
export type ServerSessionRequest =
  | { readonly kind: 'streaming-in'; readonly body: StreamingInRequest }
  | { readonly kind: 'streaming-out'; readonly body: StreamingOutRequest }
  | { readonly kind: 'recording'; readonly body: RecordingRequest }
  | { readonly kind: 'analytics'; readonly body: AnalyticsRequest }
  | { readonly kind: 'sip-call'; readonly body: SipCallRequest };
export type ServerSessionKind = ServerSessionRequest['kind'];

// ---- PATCH

const operation = <P extends string, S extends v.GenericSchema>(path: P, value: S) =>
  v.strictObject({ op: v.literal('replace'), path: v.literal(path), value });

/** Of sip calls each path has `/output` before it. */
const operations = <P extends '' | '/output'>(prefix: P) =>
  v.pipe(
    v.array(
      v.variant('path', [
        operation(`${prefix}/media/audio/status`, trackStatusSchema),
        operation(`${prefix}/media/video/status`, trackStatusSchema),
        operation(`${prefix}/media/audio/from`, sourceIdSchema),
        operation(`${prefix}/media/video/from`, sourceIdSchema),
        operation(`${prefix}/media/video/parameters/resolution`, resolution),
        operation(`${prefix}/media/video/parameters/framerate`, v.picklist([6, 12, 15, 24, 30, 48, 60])),
        operation(`${prefix}/media/video/parameters/bitrate`, v.picklist(['x0.8', 'x0.6', 'x0.4', 'x0.2'])),
        operation(`${prefix}/media/video/parameters/keyFrameInterval`, v.picklist([1, 2, 5, 30, 100])),
      ]),
    ),
    v.maxLength(100),
  );
export const serverSubscriptionPatchSchema = operations('');
export const sipCallPatchSchema = operations('/output');

// ---- resources

/** A kind that is not there is absent. */
export const subscribedMediaSchema = v.object({
  audio: v.optional(
    v.object({ from: v.string(), format: v.optional(audioFormatSchema), status: trackStatusSchema }),
  ),
  video: v.optional(
    v.object({
      from: v.string(),
      format: v.optional(videoFormatSchema),
      parameters,
      status: trackStatusSchema,
    }),
  ),
});
export type SubscribedMedia = v.InferOutput<typeof subscribedMediaSchema>;

const session = { id: v.string(), media: subscribedMediaSchema };

/** A password in the URL is masked. */
export const streamingOutResourceSchema = v.object({ ...session, url: v.string() });
export const recordingResourceSchema = v.object({
  ...session,
  storage: v.object({ host: v.string(), file: v.string() }),
});
export const analyticsResourceSchema = v.object({
  ...session,
  analytics: workResultSchema.entries.analytics,
});
export const sipCallResourceSchema = v.object({
  id: v.string(),
  type: v.picklist(['dial-in', 'dial-out']),
  peer: v.string(),
  /** The peer's stream in protocol 1.2 form. */
  input: v.looseObject({ id: v.string() }),
  output: v.object(session),
});
