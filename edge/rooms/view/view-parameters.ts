// Owns what a subscriber of a mixed stream may ask for and what it then gets encoded (room-model §2.6, §6.3). Who shares
// which encoder is for the plan.
import type { AudioFormat, Resolution, VideoFormat } from '../../../schemas/media.ts';
import type { WantedParameters } from '../../../schemas/request.ts';
import type { ViewSetting } from '../../../schemas/room.ts';
import { defaultBitrate, isUnchanged, offersBitrate, wishedBitrate } from '../bitrate.ts';
import type { Refused } from '../decision.ts';
import { compatibleVideo, sameAudioFormat } from '../formats.ts';
import type { WantedFormat } from '../formats.ts';
import type { VideoWish } from '../output-name.ts';
import { sameResolution } from '../resolutions.ts';
import { unsatisfied } from '../unsatisfied.ts';
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
  if (!offersBitrate(optional.parameters.bitrate, bitrate)) {
    return unsatisfied('video', 'Bitrate is not acceptable');
  }
  if (![own.keyFrameInterval, ...optional.parameters.keyFrameInterval].includes(keyFrameInterval)) {
    return unsatisfied('video', 'KeyFrameInterval is not acceptable');
  }
  return { ok: true, encoding: viewEncoding(video, viewWish(video, format, wanted.parameters ?? {})) };
}

/** What a subscriber wishes that the view itself does not have: whoever asks for what is there anyway shares it. */
export function viewWish(
  { parameters: own }: VideoViewSetting,
  format: VideoFormat,
  { resolution, framerate, bitrate, keyFrameInterval }: WantedParameters,
): VideoWish {
  const other = <T>(wanted: T | undefined, has: T): wanted is T => wanted !== undefined && wanted !== has;
  return {
    format,
    ...(resolution === undefined || sameResolution(resolution, own.resolution) ? {} : { resolution }),
    ...(other(framerate, own.framerate) ? { framerate } : {}),
    ...(bitrate === undefined || isUnchanged(bitrate) ? {} : { bitrate }),
    ...(other(keyFrameInterval, own.keyFrameInterval) ? { keyFrameInterval } : {}),
  };
}

/** The numbers that a wish means for a view's encoder. */
export function viewEncoding(video: VideoViewSetting, wish: VideoWish): VideoEncoding {
  const { parameters: own } = video;
  const { format, resolution = own.resolution, framerate = own.framerate } = wish;
  const { keyFrameInterval = own.keyFrameInterval } = wish;
  return { format, resolution, framerate, bitrateKbps: mixedBitrate(video, wish), keyFrameInterval };
}

/**
 * kbit/s of a mixed stream's encoding (room-model §2.6): a number is taken as it is; a multiplier applies to what there
 * would be without it, which is the view's own bitrate, or the default for the size and rate when the view has none or
 * another of the two was asked for.
 */
function mixedBitrate({ parameters: own, motionFactor }: VideoViewSetting, wish: VideoWish): number {
  const { format, resolution, framerate, bitrate } = wish;
  const asViewed = resolution === undefined && framerate === undefined;
  const calculated = () =>
    defaultBitrate(format.codec, resolution ?? own.resolution, framerate ?? own.framerate, motionFactor);
  return wishedBitrate(bitrate, asViewed ? (own.bitrate ?? calculated()) : calculated());
}

function offeredFormat(
  offered: readonly VideoFormat[],
  wanted: WantedFormat | undefined,
): VideoFormat | undefined {
  return wanted === undefined ? offered[0] : offered.find((each) => compatibleVideo(each, wanted));
}
