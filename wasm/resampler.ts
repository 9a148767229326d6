// Owns changing the sample rate of a running signal.
import type { Audio } from './audio.ts';
import { checkInteger } from './check.ts';
import { Handle } from './handle.ts';

export interface ResamplerOptions {
  readonly channels: 1 | 2;
  /** Hz, 4000 … 192000. */
  readonly fromRate: number;
  readonly toRate: number;
  /** 0 (fast) … 10, default 5. */
  readonly quality?: number;
}

/** Of one call, per channel: 120 ms at 192 kHz. */
const mostFrames = 23_040;

export class Resampler {
  readonly #audio: Audio;
  readonly #handle: Handle;
  readonly #channels: 1 | 2;

  constructor(audio: Audio, { channels, fromRate, toRate, quality = 5 }: ResamplerOptions) {
    checkInteger('channels', channels, 1, 2);
    checkInteger('fromRate', fromRate, 4000, 192_000);
    checkInteger('toRate', toRate, 4000, 192_000);
    checkInteger('quality', quality, 0, 10);
    this.#audio = audio;
    this.#channels = channels;
    const { call } = audio;
    this.#handle = new Handle(
      'Resampler',
      call.resampler_create(channels, fromRate, toRate, quality, mostFrames),
      call.resampler_destroy,
    );
  }

  /**
   * Interleaved samples at the new rate, a view that is valid until the next call. The first result is shorter by the
   * filter's delay. Throws RangeError for more than 23040 frames.
   */
  process(samples: Float32Array): Float32Array<ArrayBuffer> {
    const frames = samples.length / this.#channels;
    checkInteger('frames', frames, 0, mostFrames);
    const { call, floats } = this.#audio;
    const { pointer } = this.#handle;
    floats.set(samples, call.resampler_input(pointer) / 4);
    const made = call.resampler_process(pointer, frames);
    if (made < 0) throw new Error('resampling failed');
    return this.#audio.floatsAt(call.resampler_output(pointer), made * this.#channels);
  }

  close(): void {
    this.#handle.close();
  }
}
