// Owns the AAC-LC encoder: 1024 samples per channel a call.
import type { Audio } from './audio.ts';
import { checkInteger } from './check.ts';
import { Handle } from './handle.ts';

export interface AacEncoderOptions {
  /** Hz: one of the twelve rates that AAC knows from 8000 to 96000. */
  readonly sampleRate: number;
  readonly channels: 1 | 2;
  readonly bitrateBps: number;
  /** Put an ADTS header before each frame, for files and transport streams; without, `config` describes the stream. */
  readonly adts?: boolean;
}

/** ISO/IEC 14496-3, table of sampling frequency indices. */
const rates = [96000, 88200, 64000, 48000, 44100, 32000, 24000, 22050, 16000, 12000, 11025, 8000];
const frameLength = 1024;

export class AacEncoder {
  readonly channels: 1 | 2;
  /** AudioSpecificConfig (ISO/IEC 14496-3): AAC-LC, rate, channels. */
  readonly config: Uint8Array<ArrayBuffer>;
  readonly #audio: Audio;
  readonly #handle: Handle;

  /** Throws RangeError for wrong options, Error when the encoder refuses their combination. */
  constructor(audio: Audio, { sampleRate, channels, bitrateBps, adts = false }: AacEncoderOptions) {
    const rateIndex = rates.indexOf(sampleRate);
    if (rateIndex < 0) throw new RangeError(`${sampleRate} Hz is no rate of AAC`);
    checkInteger('channels', channels, 1, 2);
    checkInteger('bitrateBps', bitrateBps, 8_000, 320_000);
    this.channels = channels;
    const lowComplexity = 2;
    const config = (lowComplexity << 11) | (rateIndex << 7) | (channels << 3);
    this.config = Uint8Array.of(config >> 8, config & 0xff);
    this.#audio = audio;
    const { call } = audio;
    this.#handle = new Handle(
      'AacEncoder',
      call.aac_encoder_create(sampleRate, channels, bitrateBps, adts ? 1 : 0),
      call.aac_encoder_destroy,
    );
  }

  /**
   * Encodes 1024 frames of interleaved samples in −1 … 1 (cut beyond); the result is the caller's. Throws RangeError for
   * a wrong length.
   */
  encode(samples: Float32Array): Uint8Array<ArrayBuffer> {
    if (samples.length !== frameLength * this.channels) {
      throw new RangeError(`${samples.length} samples are not ${frameLength} for each channel`);
    }
    const { call, shorts } = this.#audio;
    const { pointer } = this.#handle;
    const input = call.aac_encoder_input(pointer) / 2;
    for (const [i, sample] of samples.entries()) {
      shorts[input + i] = Math.round(Math.max(-1, Math.min(1, sample)) * 32767);
    }
    const length = call.aac_encoder_encode(pointer);
    if (length < 0) throw new Error('AAC encoding failed');
    return this.#audio.copyBytes(call.aac_encoder_output(pointer), length);
  }

  close(): void {
    this.#handle.close();
  }
}
