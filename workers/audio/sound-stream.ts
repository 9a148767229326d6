// Owns the encoder behind one mix in one format. It lives while there is something to hear: after silence, and after
// others' packets, a decoder is best continued by an encoder that begins anew.
import type { Audio } from '../../wasm/audio.ts';
import type { SoundCodec } from './sound-codec.ts';
import { openEncoder, type SoundEncoder } from './sound-encoder.ts';

export class SoundStream {
  readonly #audio: Audio;
  readonly #codec: SoundCodec;
  readonly #channels: 1 | 2;
  #encoder: SoundEncoder | undefined;
  #usedMs = -Infinity;

  constructor(audio: Audio, codec: SoundCodec, channels: 1 | 2) {
    this.#audio = audio;
    this.#codec = codec;
    this.#channels = channels;
  }

  /**
   * The payload of the period at `atMs`. `before` is what the listener heard in the period before, undefined after
   * silence: an encoder that comes in between begins with it, so that there is no hole.
   */
  encode(samples: Float32Array, before: Float32Array | undefined, atMs: number): Uint8Array<ArrayBuffer> {
    this.#usedMs = atMs;
    if (this.#encoder === undefined) {
      this.#encoder = openEncoder(this.#audio, this.#codec, this.#channels);
      if (before !== undefined) this.#encoder.encode(before);
    }
    return this.#encoder.encode(samples);
  }

  /** Lets the encoder go when nothing was encoded for the period at `atMs`; true when it did. */
  rest(atMs: number): boolean {
    if (this.#usedMs === atMs) return false;
    this.close();
    return true;
  }

  close(): void {
    this.#encoder?.close();
    this.#encoder = undefined;
  }
}
