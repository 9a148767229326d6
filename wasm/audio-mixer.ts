// Owns mixing: the sum of all inputs of one period, and for each input the sum without it. What would clip is turned down
// by a limiter of its own for each output, so that a loud moment distorts nothing.
import type { Audio } from './audio.ts';
import { checkInteger, checkNumber } from './check.ts';
import { Handle } from './handle.ts';

export interface AudioMixerOptions {
  readonly channels: 1 | 2;
  /** Samples per channel of one period; a multiple of 8, at most 5760. */
  readonly frames: number;
  /** How many inputs there may be; they are numbered from 0. */
  readonly inputs: number;
}

/** Peaks are brought to here, a little below full scale. */
const ceiling = 0.98;
/** How far a turned-down output comes back in one period. */
const release = 0.05;
/** Share of a period in which the gain moves. */
const attack = 1 / 8;

export class AudioMixer {
  readonly #audio: Audio;
  readonly #handle: Handle;
  readonly #samples: number;
  readonly #inputs: number;
  readonly #gains: Float64Array;
  /** What each input added in this period; 0 for those that were silent. */
  readonly #added: Float64Array;

  constructor(audio: Audio, { channels, frames, inputs }: AudioMixerOptions) {
    checkInteger('channels', channels, 1, 2);
    checkInteger('frames', frames, 8, 5760);
    checkInteger('inputs', inputs, 1, 1024);
    if (frames % 8 !== 0) throw new RangeError(`${frames} frames are no multiple of 8`);
    this.#audio = audio;
    this.#samples = channels * frames;
    this.#inputs = inputs;
    this.#gains = new Float64Array(inputs + 1).fill(1);
    this.#added = new Float64Array(inputs);
    const { call } = audio;
    // The inputs, their sum, and the output.
    this.#handle = new Handle('AudioMixer', call.malloc((inputs + 2) * this.#samples * 4), call.free);
    this.begin();
  }

  /** Starts the next period: forgets what was added. */
  begin(): void {
    this.#added.fill(0);
    this.#audio.floatsAt(this.#at(this.#inputs), this.#samples).fill(0);
  }

  /**
   * Adds one period of interleaved samples of input number `input`, once a period. Throws RangeError for a wrong length
   * or number, or a second time in a period.
   */
  add(input: number, samples: Float32Array, gain = 1): void {
    checkInteger('input', input, 0, this.#inputs - 1);
    checkNumber('gain', gain, 0, 16);
    if (samples.length !== this.#samples) {
      throw new RangeError(`${samples.length} samples are not the ${this.#samples} of a period`);
    }
    if (this.#added[input] !== 0) throw new RangeError(`input ${input} was already added`);
    this.#added[input] = gain;
    const own = this.#at(input);
    this.#audio.floats.set(samples, own / 4);
    this.#audio.call.mix_add(this.#at(this.#inputs), own, gain, this.#samples);
  }

  /** The mix of all inputs, a view that is valid until the next call. */
  all(): Float32Array<ArrayBuffer> {
    return this.#copyOfSum(this.#inputs);
  }

  /** The mix without one input, a view that is valid until the next call. */
  without(input: number): Float32Array<ArrayBuffer> {
    checkInteger('input', input, 0, this.#inputs - 1);
    const gain = this.#added[input] ?? 0;
    // Who added nothing hears everything; its old samples are of an earlier period.
    if (gain === 0) return this.#copyOfSum(input);
    const output = this.#at(this.#inputs + 1);
    this.#audio.call.mix_without(output, this.#at(this.#inputs), this.#at(input), gain, this.#samples);
    return this.#limited(input);
  }

  close(): void {
    this.#handle.close();
  }

  #copyOfSum(limiter: number): Float32Array<ArrayBuffer> {
    const sum = this.#at(this.#inputs);
    this.#audio.bytes.copyWithin(this.#at(this.#inputs + 1), sum, sum + this.#samples * 4);
    return this.#limited(limiter);
  }

  /** Brings the output below full scale with the gain of limiter number `index`, which goes down at once and back slowly. */
  #limited(index: number): Float32Array<ArrayBuffer> {
    const { call } = this.#audio;
    const output = this.#at(this.#inputs + 1);
    const peak = call.mix_peak(output, this.#samples);
    const before = this.#gains[index] ?? 1;
    const needed = peak > ceiling ? ceiling / peak : 1;
    const gain = Math.min(needed, before + release);
    this.#gains[index] = gain;
    if (gain !== 1 || before !== 1) {
      call.mix_limit(output, this.#samples, before, gain, Math.ceil(this.#samples * attack));
    }
    return this.#audio.floatsAt(output, this.#samples);
  }

  #at(slot: number): number {
    return this.#handle.pointer + slot * this.#samples * 4;
  }
}
