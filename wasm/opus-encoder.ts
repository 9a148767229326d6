// Owns the Opus encoder: 48 kHz, float samples.
import type { Audio } from './audio.ts';
import { checkInteger } from './check.ts';
import { Handle } from './handle.ts';

export interface OpusEncoderOptions {
  readonly channels: 1 | 2;
  readonly bitrateBps: number;
  /** Tuned for speech instead of music. */
  readonly voice?: boolean;
  /** 0 … 10, default 5. */
  readonly complexity?: number;
  /** Carry a coarse copy of the packet before; how much also depends on `setLoss`. */
  readonly fec?: boolean;
}

/** Samples per channel of the packets that Opus knows: 2.5, 5, 10, 20, 40, 60 ms. */
const packetFrames: readonly number[] = [120, 240, 480, 960, 1920, 2880];

export class OpusEncoder {
  readonly channels: 1 | 2;
  readonly #audio: Audio;
  readonly #handle: Handle;

  /** Throws RangeError for wrong options. */
  constructor(audio: Audio, options: OpusEncoderOptions) {
    const { channels, bitrateBps, voice = false, complexity = 5, fec = false } = options;
    checkInteger('channels', channels, 1, 2);
    checkInteger('bitrateBps', bitrateBps, 6_000, 510_000);
    checkInteger('complexity', complexity, 0, 10);
    this.channels = channels;
    this.#audio = audio;
    const { call } = audio;
    this.#handle = new Handle(
      'OpusEncoder',
      call.opus_encoder_open(channels, voice ? 1 : 0, bitrateBps, complexity, fec ? 1 : 0),
      call.opus_encoder_close,
    );
  }

  /** Encodes one packet of interleaved samples in −1 … 1; the result is the caller's. Throws RangeError for a wrong length. */
  encode(samples: Float32Array): Uint8Array<ArrayBuffer> {
    const frames = samples.length / this.channels;
    if (!packetFrames.includes(frames)) throw new RangeError(`${frames} frames are no Opus packet`);
    const { call, floats } = this.#audio;
    const { pointer } = this.#handle;
    floats.set(samples, call.opus_encoder_input(pointer) / 4);
    const length = call.opus_encoder_encode(pointer, frames);
    if (length < 0) throw new Error(`Opus encoding failed with ${length}`);
    return this.#audio.copyBytes(call.opus_encoder_output(pointer), length);
  }

  setBitrate(bitrateBps: number): void {
    checkInteger('bitrateBps', bitrateBps, 6_000, 510_000);
    this.#audio.call.opus_encoder_set_bitrate(this.#handle.pointer, bitrateBps);
  }

  /** How many packets in a hundred get lost. */
  setLoss(percent: number): void {
    checkInteger('percent', percent, 0, 100);
    this.#audio.call.opus_encoder_set_loss(this.#handle.pointer, percent);
  }

  close(): void {
    this.#handle.close();
  }
}
