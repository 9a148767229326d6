// Owns what a transport that no client made is for: what a worker of another purpose than webrtc is to do with it, and
// what it tells of it once it runs (spec rest-api §9–§11). URLs are as they were given, with their passwords: nothing of
// this is shown or logged before it went through `maskedUri`.
import * as v from 'valibot';

const uri = v.pipe(v.string(), v.minLength(1), v.maxLength(2048));
const side = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(3600));

/** `auto`: if the source has it. `true`: the session fails without it. */
export const pulledKindSchema = v.union([v.boolean(), v.literal('auto')]);

/** Segments are uploaded. Durations in seconds, sizes in segments. */
export const hlsParametersSchema = v.strictObject({
  method: v.picklist(['PUT', 'POST']),
  hlsTime: side,
  hlsListSize: side,
});
export const dashParametersSchema = v.strictObject({
  method: v.picklist(['PUT', 'POST']),
  dashSegDuration: side,
  dashWindowSize: side,
});

/** Where a live stream is pushed to and how. */
export const pushTargetSchema = v.variant('protocol', [
  v.object({ protocol: v.literal('rtmp'), url: uri }),
  v.object({ protocol: v.literal('rtsp'), url: uri }),
  v.object({ protocol: v.literal('hls'), url: uri, parameters: hlsParametersSchema }),
  v.object({ protocol: v.literal('dash'), url: uri, parameters: dashParametersSchema }),
]);
export type PushTarget = v.InferOutput<typeof pushTargetSchema>;

export const workSchema = v.variant('do', [
  /** One publication, whose tracks have the mids `audio` and `video`. */
  v.object({
    do: v.literal('pull'),
    url: uri,
    transportProtocol: v.picklist(['tcp', 'udp']),
    bufferBytes: v.number(),
    audio: pulledKindSchema,
    video: pulledKindSchema,
  }),
  /** One subscription, as have `record` and `analyse`; mids as above. */
  v.object({ do: v.literal('push'), target: pushTargetSchema }),
  v.object({ do: v.literal('record'), container: v.picklist(['mp4', 'mkv', 'ts']) }),
  v.object({ do: v.literal('analyse'), algorithm: v.string() }),
  /**
   * One publication of what the peer says, mids as above, one subscription for what it gets, mids `audio-out` and
   * `video-out`. Ready once the peer has answered.
   */
  v.object({ do: v.literal('call'), direction: v.picklist(['in', 'out']), peer: uri }),
]);
export type Work = v.InferOutput<typeof workSchema>;

/** What a worker tells of its work when that is ready: where a recording is, what an analyser says of itself. */
export const workResultSchema = v.object({
  storage: v.optional(
    v.object({
      host: v.pipe(v.string(), v.maxLength(256)),
      file: v.pipe(v.string(), v.maxLength(1024)),
    }),
  ),
  analytics: v.optional(v.record(v.string(), v.unknown())),
});
export type WorkResult = v.InferOutput<typeof workResultSchema>;
