// Owns the shapes of media formats, parameters and tracks (spec room-model §2 and §5, portal-protocol §5.1).
import * as v from 'valibot';

export const kindSchema = v.picklist(['audio', 'video']);
export type Kind = v.InferOutput<typeof kindSchema>;

export const audioCodecs = [
  'opus',
  'pcmu',
  'pcma',
  'g722',
  'isac',
  'ilbc',
  'aac',
  'ac3',
  'nellymoser',
] as const;
export const videoCodecs = ['h264', 'h265', 'vp8', 'vp9', 'av1'] as const;
export const h264Profiles = ['CB', 'B', 'M', 'H', 'E'] as const;

/** `sampleRate` in Hz; absent means the codec's only or default rate. */
export const audioFormatSchema = v.object({
  codec: v.picklist(audioCodecs),
  sampleRate: v.optional(v.number()),
  channelNum: v.optional(v.number()),
});
export type AudioFormat = v.InferOutput<typeof audioFormatSchema>;

/** `profile` is for h264 only: CB < B < M < H; E is accepted but unranked. */
export const videoFormatSchema = v.object({
  codec: v.picklist(videoCodecs),
  profile: v.optional(v.picklist(h264Profiles)),
});
export type VideoFormat = v.InferOutput<typeof videoFormatSchema>;

/** Width and height in pixels. */
export const resolutionSchema = v.object({ width: v.number(), height: v.number() });
export type Resolution = v.InferOutput<typeof resolutionSchema>;

/** Bitrate in kbit/s, or a multiplier such as "x0.8"; key frame interval in seconds; frame rate in frames/s. */
export const videoParametersSchema = v.object({
  resolution: v.optional(resolutionSchema),
  framerate: v.optional(v.number()),
  bitrate: v.optional(v.union([v.number(), v.string()])),
  keyFrameInterval: v.optional(v.number()),
});
export type VideoParameters = v.InferOutput<typeof videoParametersSchema>;

export const trackSourceSchema = v.picklist([
  'mic',
  'camera',
  'screen-cast',
  'raw-file',
  'encoded-file',
  'streaming',
]);
export type TrackSource = v.InferOutput<typeof trackSourceSchema>;

export const trackStatusSchema = v.picklist(['active', 'inactive']);
export type TrackStatus = v.InferOutput<typeof trackStatusSchema>;

/**
 * What a track can be turned into. The four parameter lists are always there once `parameters` is: the OWT JavaScript
 * SDK reads each without a check (portal-protocol §5.1).
 */
export interface VideoOptional {
  readonly format?: readonly VideoFormat[];
  readonly parameters?: {
    readonly resolution: readonly Resolution[];
    readonly framerate: readonly number[];
    readonly bitrate: readonly string[];
    readonly keyFrameInterval: readonly number[];
  };
}
export interface AudioOptional {
  readonly format?: readonly AudioFormat[];
}

interface TrackBase {
  /** `<transportId>-<mid>` or `<transportId>-<mid>:<rid>`; absent for mixed streams and inputs that are not webrtc. */
  readonly id?: string;
  readonly source?: TrackSource;
  readonly status: TrackStatus;
  readonly mid?: string;
  readonly rid?: string;
}
export interface AudioTrackInfo extends TrackBase {
  readonly type: 'audio';
  readonly format: AudioFormat;
  readonly optional: AudioOptional;
}
export interface VideoTrackInfo extends TrackBase {
  readonly type: 'video';
  readonly format: VideoFormat;
  readonly parameters?: {
    readonly resolution?: Resolution;
    readonly framerate?: number;
    readonly bitrate?: number;
    readonly keyFrameInterval?: number;
  };
  readonly optional: VideoOptional;
}
/** Of selected audio, which has the format of whoever is heard. */
export interface SelectedTrackInfo extends TrackBase {
  readonly type: 'audio';
  readonly format: { readonly codec: 'unknown' };
  readonly optional: AudioOptional;
}
export type TrackInfo = AudioTrackInfo | VideoTrackInfo | SelectedTrackInfo;
