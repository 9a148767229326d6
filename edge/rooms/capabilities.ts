// Owns what our media engines can take and make (room-model §8.2), and what that leaves of a room's settings. Which engines
// the workers of a cluster have is `Transcoders`.
import type { AudioFormat, VideoFormat } from '../../schemas/media.ts';
import type { RoomDocument, ViewSetting } from '../../schemas/room.ts';
import { sameAudioFormat } from './formats.ts';
import { plainCodecs } from '../cluster/plain-codecs.ts';
import type { Transcoders } from './transcoders.ts';

const opus = { codec: 'opus', sampleRate: 48000, channelNum: 2 } as const;
const vp8 = { codec: 'vp8' } as const;

/** The same sounds can be taken and made. */
const audio: readonly AudioFormat[] = [
  opus,
  { codec: 'pcmu' },
  { codec: 'pcma' },
  { codec: 'g722', sampleRate: 16000, channelNum: 1 },
];
/** What is made is Constrained Baseline, which is Baseline too; without a profile anything will do. */
const h264Profiles: ReadonlySet<VideoFormat['profile']> = new Set(['CB', 'B', undefined]);

export function decodesAudio(format: AudioFormat): boolean {
  return audio.some((each) => sameAudioFormat(each, format));
}

export function encodesAudio(format: AudioFormat): boolean {
  return decodesAudio(format);
}

export function decodesVideo({ codec }: VideoFormat, { taken = [], untaken = [] }: Transcoders): boolean {
  return plainCodecs.has(codec) ? !untaken.includes(codec) : taken.includes(codec);
}

export function encodesVideo(
  { codec, profile }: VideoFormat,
  { made = [], unmade = [] }: Transcoders,
): boolean {
  if (codec === 'h264' && !h264Profiles.has(profile)) return false;
  return plainCodecs.has(codec) ? !unmade.includes(codec) : made.includes(codec);
}

/**
 * The document with only what can be made: mediaOut loses the other formats, and a view whose own format cannot be made
 * gets the first of mediaOut that can, else Opus or VP8, rather than that the room does not open. A kind that no worker
 * mixes or transcodes is left as it is: nothing is made of it.
 */
export function makeable(document: RoomDocument, transcoders: Transcoders): RoomDocument {
  const { mediaOut } = document;
  const sounds = transcoders.audio ? mediaOut.audio.filter(encodesAudio) : mediaOut.audio;
  const pictures = transcoders.video
    ? mediaOut.video.format.filter((format) => encodesVideo(format, transcoders))
    : mediaOut.video.format;
  const views = document.views.map((view) => ({
    ...view,
    audio: transcoders.audio ? audioOf(view.audio, sounds) : view.audio,
    video: transcoders.video ? videoOf(view.video, pictures, transcoders) : view.video,
  }));
  return {
    ...document,
    views,
    mediaOut: { audio: sounds, video: { ...mediaOut.video, format: pictures } },
  };
}

function audioOf(own: ViewSetting['audio'], sounds: readonly AudioFormat[]): ViewSetting['audio'] {
  return encodesAudio(own.format) ? own : { ...own, format: sounds[0] ?? opus };
}

function videoOf(
  own: ViewSetting['video'],
  pictures: readonly VideoFormat[],
  transcoders: Transcoders,
): ViewSetting['video'] {
  if (own === false || encodesVideo(own.format, transcoders)) return own;
  return { ...own, format: pictures[0] ?? vp8 };
}
