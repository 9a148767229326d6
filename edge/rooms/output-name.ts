// Owns the names of mixers and of the tracks they make. A name spells who wishes what and no number that is calculated
// from it, so equal wishes share an output and one whose numbers change is still the same.
import type { Kind, Resolution, VideoFormat } from '../../schemas/media.ts';
import type { Format } from '../../schemas/worker.ts';
import { isVideoFormat } from './formats.ts';

/** What is asked of made video; what is absent is as the source has it. Frames/s, kbit/s or "x0.8", seconds. */
export interface VideoWish {
  readonly format: VideoFormat;
  readonly resolution?: Resolution;
  readonly framerate?: number;
  readonly bitrate?: number | string;
  readonly keyFrameInterval?: number;
}

/** The mixer that makes tracks of one kind of `source`, a mixed stream's id or a forward track's. */
export function mixerId(source: string, kind: Kind): string {
  return `${source}/${kind}`;
}

/** `h264_CB`, `opus_48000_2` (room-model §2.1). */
export function formatText(format: Format): string {
  const members = isVideoFormat(format) ? [format.profile] : [format.sampleRate, format.channelNum];
  return [format.codec, ...members].filter((member) => member !== undefined).join('_');
}

/** Such as `room-common/h264_CB_320x240_15fps_x0.8_2s`, or `room-common/vp8` for one without wishes. */
export function videoOutputName(source: string, wish: VideoWish): string {
  const { format, resolution, framerate, bitrate, keyFrameInterval } = wish;
  let name = `${source}/${formatText(format)}`;
  if (resolution !== undefined) name += `_${resolution.width}x${resolution.height}`;
  if (framerate !== undefined) name += `_${framerate}fps`;
  if (bitrate !== undefined) name += typeof bitrate === 'number' ? `_${bitrate}kbps` : `_${bitrate}`;
  if (keyFrameInterval !== undefined) name += `_${keyFrameInterval}s`;
  return name;
}

/** `without`: the participant who is left out of it. */
export function audioOutputName(source: string, format: Format, without?: string): string {
  const name = `${source}/${formatText(format)}`;
  return without === undefined ? name : `${name}/without/${without}`;
}
