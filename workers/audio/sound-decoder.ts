// Owns decoding one incoming stream, whatever its codec, to 48 kHz. Not when what is played (frames/audio-jitter-buffer.ts).
import type { Audio } from '../../wasm/audio.ts';
import { OpusDecoder } from '../../wasm/opus-decoder.ts';
import type { SoundCodec } from './sound-codec.ts';
import { TelephonyDecoder } from './telephony-decoder.ts';

/** Interleaved samples at 48 kHz, views that are valid until the next call. Nothing that came from outside throws. */
export interface SoundDecoder {
  /** A packet of `ticks` RTP ticks; what is broken is concealed. */
  decode(packet: Uint8Array, ticks: number): Float32Array<ArrayBuffer>;
  /** The lost `ticks` before `next`, from the copy in it. */
  recover(next: Uint8Array, ticks: number): Float32Array<ArrayBuffer>;
  /** Sound in place of `ticks` that are lost, a multiple of 2.5 ms. */
  conceal(ticks: number): Float32Array<ArrayBuffer>;
  close(): void;
}

export function openDecoder(audio: Audio, codec: SoundCodec, channels: 1 | 2): SoundDecoder {
  return codec.name === 'opus'
    ? new OpusSoundDecoder(audio, channels)
    : new TelephonyDecoder(audio, codec.name, channels);
}

/** RTP ticks of Opus are samples of it. */
class OpusSoundDecoder implements SoundDecoder {
  readonly #decoder: OpusDecoder;

  constructor(audio: Audio, channels: 1 | 2) {
    this.#decoder = new OpusDecoder(audio, channels);
  }

  decode(packet: Uint8Array, ticks: number): Float32Array<ArrayBuffer> {
    return this.#decoder.decode(packet) ?? this.conceal(ticks);
  }

  recover(next: Uint8Array, ticks: number): Float32Array<ArrayBuffer> {
    return this.#decoder.recover(next, ticks) ?? this.conceal(ticks);
  }

  conceal(ticks: number): Float32Array<ArrayBuffer> {
    return this.#decoder.conceal(ticks);
  }

  close(): void {
    this.#decoder.close();
  }
}
