// Owns the comparison of media formats (room-model §2.1, §2.2). It knows no room: lists come as arguments.
import { audioCodecs, videoCodecs } from '../../schemas/media.ts';
import type { AudioFormat, VideoFormat } from '../../schemas/media.ts';
import type { Format } from '../../schemas/worker.ts';

/** A format as a client may write it: the codec and profile need not be ones we know. */
export interface WantedFormat {
  readonly codec: string;
  readonly profile?: string | undefined;
  readonly sampleRate?: number | undefined;
  readonly channelNum?: number | undefined;
}

/** All three members equal, absent equals absent: plain `opus` is not opus/48000/2. */
export function sameAudioFormat(a: WantedFormat, b: WantedFormat): boolean {
  return a.codec === b.codec && a.sampleRate === b.sampleRate && a.channelNum === b.channelNum;
}

export function sameVideoFormat(a: WantedFormat, b: WantedFormat): boolean {
  return a.codec === b.codec && a.profile === b.profile;
}

const profileRank = new Map([
  ['CB', 1],
  ['B', 2],
  ['M', 3],
  ['H', 4],
]);

/** Whether `current` can be given to who asked for `requested`: the same codec, and no higher H.264 profile. */
export function compatibleVideo(current: WantedFormat, requested: WantedFormat): boolean {
  if (current.codec !== requested.codec) return false;
  const have = profileRank.get(current.profile ?? '');
  const want = profileRank.get(requested.profile ?? '');
  return have === undefined || want === undefined || have <= want;
}

/** Audio input must equal an entry of mediaIn.audio. */
export function acceptsAudio(mediaIn: readonly AudioFormat[], published: AudioFormat): boolean {
  return mediaIn.some((entry) => sameAudioFormat(entry, published));
}

/** Video input must be compatible with an entry of mediaIn.video. */
export function acceptsVideo(mediaIn: readonly VideoFormat[], published: VideoFormat): boolean {
  return mediaIn.some((entry) => compatibleVideo(published, entry));
}

const audioNames: ReadonlySet<string> = new Set(audioCodecs);
const videoNames: ReadonlySet<string> = new Set(videoCodecs);

export function isAudioFormat(format: Format): format is AudioFormat {
  return audioNames.has(format.codec);
}

export function isVideoFormat(format: Format): format is VideoFormat {
  return videoNames.has(format.codec);
}

/** Equal in every member. */
export function sameFormat(a: Format | undefined, b: Format | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  return sameAudioFormat(a, b) && sameVideoFormat(a, b);
}
