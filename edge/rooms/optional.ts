// Owns a track's `optional`: what it can be turned into for a subscriber (room-model §5.3). Only what the server can
// really do is offered: without workers that transcode, the lists are there and empty.
import type {
  AudioFormat,
  AudioOptional,
  Resolution,
  VideoFormat,
  VideoOptional,
} from '../../schemas/media.ts';
import type { RoomDocument } from '../../schemas/room.ts';
import { decodesAudio, decodesVideo } from './capabilities.ts';
import { sameAudioFormat, sameVideoFormat } from './formats.ts';
import { namedResolution, sameResolution } from './resolutions.ts';
import { noTranscoders, type Transcoders } from './transcoders.ts';

/** Values that stand for what is not known of a track (room-model §5.3). Frame rate in frames/s. */
export const baseResolution: Resolution = { width: 640, height: 480 };
export const baseFramerate = 30;

type Rules = Pick<RoomDocument, 'mediaOut' | 'transcoding'>;

/** A video track as far as it matters here. `rid` marks a simulcast layer: those are never transcoded (§6.3 step 5). */
interface Shown {
  readonly format: VideoFormat;
  readonly rid?: string;
  readonly resolution?: Resolution;
  readonly framerate?: number;
}

/** The other audio formats of mediaOut, in its order. */
export function audioOptional(
  rules: Rules,
  format: AudioFormat,
  transcoders: Transcoders = noTranscoders,
): Required<AudioOptional> {
  if (!transcoders.audio || !rules.transcoding.audio || !decodesAudio(format)) return { format: [] };
  return { format: rules.mediaOut.audio.filter((other) => !sameAudioFormat(other, format)) };
}

/** The other video formats of mediaOut, in its order. */
export function otherVideoFormats(
  rules: Rules,
  track: Pick<Shown, 'format' | 'rid'>,
  transcoders: Transcoders,
): readonly VideoFormat[] {
  if (!rules.transcoding.video.format || !transcodable(track, transcoders)) return [];
  return rules.mediaOut.video.format.filter((other) => !sameVideoFormat(other, track.format));
}

/** Whether anything can be made of a video track. */
export function transcodable(
  { format, rid }: Pick<Shown, 'format' | 'rid'>,
  transcoders: Transcoders,
): boolean {
  return transcoders.video && rid === undefined && decodesVideo(format, transcoders);
}

/** The four parameter lists are always there: the OWT JavaScript SDK reads each (portal-protocol §5.1). */
export function videoOptional(
  rules: Rules,
  track: Shown,
  transcoders: Transcoders = noTranscoders,
): Required<VideoOptional> {
  const { parameters } = rules.mediaOut.video;
  const on = rules.transcoding.video.parameters;
  const can = transcodable(track, transcoders);
  const when = <T>(wanted: boolean, list: () => readonly T[]): readonly T[] => (can && wanted ? list() : []);
  const base = track.resolution ?? baseResolution;
  const framerate = track.framerate ?? baseFramerate;
  return {
    format: otherVideoFormats(rules, track, transcoders),
    parameters: {
      resolution: when(on.resolution, () => smaller(parameters.resolution, base)),
      framerate: when(on.framerate, () => parameters.framerate.filter((rate) => rate < framerate)),
      bitrate: when(on.bitrate, () => parameters.bitrate),
      keyFrameInterval: when(on.keyFrameInterval, () => parameters.keyFrameInterval),
    },
  };
}

/** Strictly smaller on both sides, each size once, in the order of the list. */
function smaller(names: readonly string[], base: Resolution): Resolution[] {
  const sizes: Resolution[] = [];
  for (const name of names) {
    const size = namedResolution(name, base);
    if (size === undefined || size.width >= base.width || size.height >= base.height) continue;
    if (!sizes.some((known) => sameResolution(known, size))) sizes.push(size);
  }
  return sizes;
}
