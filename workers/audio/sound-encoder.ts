// Owns encoding one outgoing stream, 20 ms at a time, whatever its codec. Not which sound goes where (audio-pipeline.ts).
import type { Audio } from '../../wasm/audio.ts';
import { OpusEncoder } from '../../wasm/opus-encoder.ts';
import type { SoundCodec } from './sound-codec.ts';
import { TelephonyEncoder } from './telephony-encoder.ts';

export interface SoundEncoder {
  /** The RTP payload for 20 ms of interleaved samples at 48 kHz in as many channels as it was opened for. */
  encode(samples: Float32Array): Uint8Array<ArrayBuffer>;
  close(): void;
}

/** Of those that lose packets, mostly a few in a hundred; above 5 Opus makes room for its copies of packets (FEC). */
const assumedLossPercent = 6;

/**
 * Mono is taken for speech: the mode of Opus that carries copies of lost packets. Stereo is taken for music: the other
 * mode, which has none and sounds better. Complexity 5 costs a quarter of a millisecond of each 20, and more buys nothing
 * that is heard.
 */
export function openEncoder(audio: Audio, codec: SoundCodec, channels: 1 | 2): SoundEncoder {
  if (codec.name !== 'opus') return new TelephonyEncoder(audio, codec.name, channels);
  if (channels === 2) return new OpusEncoder(audio, { channels, bitrateBps: 96_000, fec: true });
  const encoder = new OpusEncoder(audio, { channels, bitrateBps: 40_000, voice: true, fec: true });
  encoder.setLoss(assumedLossPercent);
  return encoder;
}

/**
 * The payload for 20 ms in which there is nothing to hear; a decoder is silent at once and stays so. In Opus it is three
 * bytes: full-band, one frame, and of that only the flag of silence.
 */
export function silentPayload(audio: Audio, codec: SoundCodec): Uint8Array<ArrayBuffer> {
  if (codec.name === 'opus') return Uint8Array.of(0xf8, 0xff, 0xfe);
  const encoder = new TelephonyEncoder(audio, codec.name, 1);
  try {
    return encoder.encode(new Float32Array(960));
  } finally {
    encoder.close();
  }
}
