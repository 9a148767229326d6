// Owns what a subscriber of a mixed stream may ask for and what it then gets encoded (room-model §2.6, §6.3). Who shares
// which encoder is for the plan.
import type { AudioFormat, Resolution, VideoFormat } from '../../../schemas/media.ts';
import type { WantedParameters } from '../../../schemas/request.ts';
import type { ViewSetting } from '../../../schemas/room.ts';
import { unsatisfied } from '../acceptance.ts';
import { defaultBitrate } from '../bitrate.ts';
import type { Refused } from '../decision.ts';
import { compatibleVideo, sameAudioFormat } from '../formats.ts';
import type { WantedFormat } from '../formats.ts';
import { sameResolution } from '../resolutions.ts';
import { mixedAudio, mixedVideo } from './mixed-stream.ts';
import type { MixingRules } from './mixed-stream.ts';
import type { VideoViewSetting } from './templates.ts';

/** What an encoder of a view is set to. Subscribers with equal ones share it. */
export interface VideoEncoding {
  readonly format: VideoFormat;
  readonly resolution: Resolution;
  /** Frames/s. */
  readonly framerate: number;
  readonly bitrateKbps: number;
  /** Seconds. */
  readonly keyFrameInterval: number;
}

/** Absent members are what the view itself has. */
export interface WantedVideo {
  readonly format?: WantedFormat | undefined;
  readonly parameters?: WantedParameters | undefined;
}

/** The format a subscriber hears, or `Target audio stream does NOT satisfy:<why>`. */
export function chooseMixedAudio(
  document: MixingRules,
  view: ViewSetting,
  wanted: WantedFormat | undefined,
): { readonly ok: true; readonly format: AudioFormat } | Refused {
  const { format, optional } = mixedAudio(document, view);
  if (wanted === undefined) return { ok: true, format };
  const found = [format, ...optional.format].find((each) => sameAudioFormat(each, wanted));
  return found === undefined ? unsatisfied('audio', 'Format is not acceptable') : { ok: true, format: found };
}

/** What a subscriber sees, or `Target video stream does NOT satisfy:<why>`. */
export function chooseMixedVideo(
  document: MixingRules,
  { video }: ViewSetting,
  wanted: WantedVideo,
): { readonly ok: true; readonly encoding: VideoEncoding } | Refused {
  if (video === false) return unsatisfied('video', 'Requested video stream');
  const own = video.parameters;
  const { optional } = mixedVideo(document, video);
  const { resolution = own.resolution, framerate = own.framerate } = wanted.parameters ?? {};
  const { bitrate, keyFrameInterval = own.keyFrameInterval } = wanted.parameters ?? {};
  const format = offeredFormat([video.format, ...optional.format], wanted.format);
  if (format === undefined) return unsatisfied('video', 'Format is not acceptable');
  const sizes = [own.resolution, ...optional.parameters.resolution];
  if (!sizes.some((size) => sameResolution(size, resolution))) {
    return unsatisfied('video', 'Resolution is not acceptable');
  }
  if (![own.framerate, ...optional.parameters.framerate].includes(framerate)) {
    return unsatisfied('video', 'Framerate is not acceptable');
  }
  if (!acceptsBitrate(optional.parameters.bitrate, bitrate)) {
    return unsatisfied('video', 'Bitrate is not acceptable');
  }
  if (![own.keyFrameInterval, ...optional.parameters.keyFrameInterval].includes(keyFrameInterval)) {
    return unsatisfied('video', 'KeyFrameInterval is not acceptable');
  }
  const bitrateKbps = mixedBitrate(video, format, wanted.parameters ?? {});
  return { ok: true, encoding: { format, resolution, framerate, bitrateKbps, keyFrameInterval } };
}

/**
 * kbit/s of a mixed stream's encoding (room-model §2.6): a number is taken as it is; a multiplier applies to what there
 * would be without it, which is the view's own bitrate, or the default for the size and rate when the view has none or
 * one of the two was asked for.
 */
export function mixedBitrate(
  { parameters: own, motionFactor }: VideoViewSetting,
  { codec }: VideoFormat,
  { resolution, framerate, bitrate }: WantedParameters,
): number {
  if (typeof bitrate === 'number') return bitrate;
  const asViewed = resolution === undefined && framerate === undefined;
  const calculated = () =>
    defaultBitrate(codec, resolution ?? own.resolution, framerate ?? own.framerate, motionFactor);
  const whole = asViewed ? (own.bitrate ?? calculated()) : calculated();
  return bitrate === undefined ? whole : whole * Number(bitrate.slice(1));
}

function offeredFormat(
  offered: readonly VideoFormat[],
  wanted: WantedFormat | undefined,
): VideoFormat | undefined {
  return wanted === undefined ? offered[0] : offered.find((each) => compatibleVideo(each, wanted));
}

/** `x1` and `x1.0` mean that nothing is asked. The list of a room document has numbers as texts. */
function acceptsBitrate(offered: readonly string[], bitrate: number | string | undefined): boolean {
  if (bitrate === undefined || bitrate === 'x1' || bitrate === 'x1.0') return true;
  return offered.includes(String(bitrate));
}
