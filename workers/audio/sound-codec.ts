// Owns which audio formats are decoded and encoded here, and their clocks. Not the decoding (sound-decoder.ts) and not the
// encoding (sound-encoder.ts).
import type { AudioFormat } from '../../schemas/media.ts';
import type { AudioDepacketizer } from '../frames/audio-frame.ts';
import { g711Depacketizer } from '../frames/depacketize-g711.ts';
import { g722Depacketizer } from '../frames/depacketize-g722.ts';
import { opusDepacketizer } from '../frames/depacketize-opus.ts';

export interface SoundCodec {
  readonly name: 'opus' | 'pcmu' | 'pcma' | 'g722';
  /** Hz of the sound; Opus is always coded at 48000. */
  readonly sampleRate: number;
  readonly depacketizer: AudioDepacketizer;
}

const codecs: Readonly<Record<SoundCodec['name'], SoundCodec>> = {
  opus: { name: 'opus', sampleRate: 48_000, depacketizer: opusDepacketizer },
  pcmu: { name: 'pcmu', sampleRate: 8000, depacketizer: g711Depacketizer },
  pcma: { name: 'pcma', sampleRate: 8000, depacketizer: g711Depacketizer },
  g722: { name: 'g722', sampleRate: 16_000, depacketizer: g722Depacketizer },
};

/**
 * How a format is decoded and encoded; undefined where it is not: neither codec here, or not a payload of RTP (AAC).
 * G.711 and G.722 are mono.
 */
export function soundCodec(format: { readonly codec: string; readonly channelNum?: number | undefined }) {
  const codec = isSoundCodec(format.codec) ? codecs[format.codec] : undefined;
  return codec?.name !== 'opus' && (format.channelNum ?? 1) > 1 ? undefined : codec;
}

/** Whether an audio mixer can have an output of this format, and an input. */
export function mixesAudio(format: AudioFormat): boolean {
  return soundCodec(format) !== undefined;
}

function isSoundCodec(name: string): name is SoundCodec['name'] {
  return Object.hasOwn(codecs, name);
}
