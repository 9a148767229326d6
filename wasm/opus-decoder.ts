// Owns the Opus decoder: 48 kHz, float samples, with concealment and in-band FEC.
import type { Audio } from './audio.ts';
import { checkInteger } from './check.ts';
import { Handle } from './handle.ts';

/** Samples per channel of 120 ms, the longest packet. */
const mostFrames = 5760;
const largestPacketBytes = 4000;

export class OpusDecoder {
  readonly channels: 1 | 2;
  readonly #audio: Audio;
  readonly #handle: Handle;

  /** Decodes to `channels`, whatever the packets have. */
  constructor(audio: Audio, channels: 1 | 2) {
    checkInteger('channels', channels, 1, 2);
    this.channels = channels;
    this.#audio = audio;
    const { call } = audio;
    this.#handle = new Handle('OpusDecoder', call.opus_decoder_open(channels), call.opus_decoder_close);
  }

  /**
   * Interleaved samples of one packet, a view that is valid until the next call. Undefined for a packet that is no Opus:
   * treat it as lost.
   */
  decode(packet: Uint8Array): Float32Array<ArrayBuffer> | undefined {
    return this.#decode(packet, mostFrames, false);
  }

  /** Samples in place of `frames` (per channel, a multiple of 2.5 ms) that were lost and cannot be had. */
  conceal(frames: number): Float32Array<ArrayBuffer> {
    checkFrames(frames);
    return (
      this.#result(frames, this.#audio.call.opus_decoder_decode(this.#handle.pointer, 0, frames, 0)) ??
      silence(0)
    );
  }

  /** The lost packet of `frames` before `next`, from the copy that `next` carries; concealment when it carries none. */
  recover(next: Uint8Array, frames: number): Float32Array<ArrayBuffer> | undefined {
    checkFrames(frames);
    return this.#decode(next, frames, true);
  }

  close(): void {
    this.#handle.close();
  }

  #decode(packet: Uint8Array, frames: number, fec: boolean): Float32Array<ArrayBuffer> | undefined {
    const { call, bytes } = this.#audio;
    const { pointer } = this.#handle;
    if (packet.length === 0 || packet.length > largestPacketBytes) return undefined;
    bytes.set(packet, call.opus_decoder_input(pointer));
    return this.#result(frames, call.opus_decoder_decode(pointer, packet.length, frames, fec ? 1 : 0));
  }

  #result(most: number, frames: number): Float32Array<ArrayBuffer> | undefined {
    if (frames < 0 || frames > most) return undefined;
    const output = this.#audio.call.opus_decoder_output(this.#handle.pointer);
    return this.#audio.floatsAt(output, frames * this.channels);
  }
}

const silence = (count: number): Float32Array<ArrayBuffer> => new Float32Array(count);

function checkFrames(frames: number): void {
  checkInteger('frames', frames, 120, mostFrames);
  if (frames % 120 !== 0) throw new RangeError(`${frames} frames are no multiple of 2.5 ms`);
}
