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
import { sameAudioFormat, sameVideoFormat } from './formats.ts';
import { namedResolution, sameResolution } from './resolutions.ts';

/** Which kinds the cluster's workers can transcode. */
export interface Transcoders {
  readonly audio: boolean;
  readonly video: boolean;
}

export const noTranscoders: Transcoders = { audio: false, video: false };

/** Values that stand for what is not known of a track (room-model §5.3). Frame rate in frames/s. */
const baseResolution: Resolution = { width: 640, height: 480 };
const baseFramerate = 30;

type Rules = Pick<RoomDocument, 'mediaOut' | 'transcoding'>;

/** The other audio formats of mediaOut, in its order. */
export function audioOptional(
  rules: Rules,
  format: AudioFormat,
  transcoders: Transcoders = noTranscoders,
): Required<AudioOptional> {
  if (!transcoders.audio || !rules.transcoding.audio) return { format: [] };
  return { format: rules.mediaOut.audio.filter((other) => !sameAudioFormat(other, format)) };
}

/** The four parameter lists are always there: the OWT JavaScript SDK reads each (portal-protocol §5.1). */
export function videoOptional(
  rules: Rules,
  track: { readonly format: VideoFormat; readonly resolution?: Resolution; readonly framerate?: number },
  transcoders: Transcoders = noTranscoders,
): Required<VideoOptional> {
  const { format, parameters } = rules.mediaOut.video;
  const on = rules.transcoding.video;
  const when = <T>(wanted: boolean, list: () => readonly T[]): readonly T[] =>
    transcoders.video && wanted ? list() : [];
  const base = track.resolution ?? baseResolution;
  const framerate = track.framerate ?? baseFramerate;
  return {
    format: when(on.format, () => format.filter((other) => !sameVideoFormat(other, track.format))),
    parameters: {
      resolution: when(on.parameters.resolution, () => smaller(parameters.resolution, base)),
      framerate: when(on.parameters.framerate, () => parameters.framerate.filter((rate) => rate < framerate)),
      bitrate: when(on.parameters.bitrate, () => parameters.bitrate),
      keyFrameInterval: when(on.parameters.keyFrameInterval, () => parameters.keyFrameInterval),
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
