// Owns decoding G.711 and G.722 to 48 kHz, with concealment, which these codecs have not themselves.
import type { Audio } from '../../wasm/audio.ts';
import { Resampler } from '../../wasm/resampler.ts';
import { G722Decoder } from '../codec/g722.ts';
import { decodePcma } from '../codec/pcma.ts';
import { decodePcmu } from '../codec/pcmu.ts';
import { WaveformConcealer } from './waveform-concealer.ts';

export class TelephonyDecoder {
  readonly #resampler: Resampler;
  readonly #concealer: WaveformConcealer;
  readonly #samples: (packet: Uint8Array) => Int16Array;
  readonly #samplesPerTick: number;
  readonly #channels: 1 | 2;
  readonly #rate: number;
  #begun = false;

  constructor(audio: Audio, codec: 'pcmu' | 'pcma' | 'g722', channels: 1 | 2) {
    const fromRate = codec === 'g722' ? 16_000 : 8000;
    this.#samples = samplesOf(codec);
    this.#samplesPerTick = fromRate / 8000;
    this.#channels = channels;
    this.#rate = 48_000 / fromRate;
    this.#resampler = new Resampler(audio, { channels: 1, fromRate, toRate: 48_000 });
    this.#concealer = new WaveformConcealer(fromRate);
  }

  decode(packet: Uint8Array): Float32Array<ArrayBuffer> {
    const sound = Float32Array.from(this.#samples(packet), (sample) => sample / 32_768);
    this.#concealer.heard(sound);
    return this.#at48(sound);
  }

  recover(_next: Uint8Array, ticks: number): Float32Array<ArrayBuffer> {
    return this.conceal(ticks);
  }

  conceal(ticks: number): Float32Array<ArrayBuffer> {
    return this.#at48(this.#concealer.conceal(Math.ceil(ticks * this.#samplesPerTick)));
  }

  close(): void {
    this.#resampler.close();
  }

  #at48(sound: Float32Array): Float32Array<ArrayBuffer> {
    const mono = this.#resampled(sound);
    if (this.#channels === 1) return mono;
    const both = new Float32Array(mono.length * 2);
    for (const [at, sample] of mono.entries()) both[2 * at] = both[2 * at + 1] = sample;
    return both;
  }

  /** The filter holds its delay back at the first time; silence goes in its place. */
  #resampled(sound: Float32Array): Float32Array<ArrayBuffer> {
    const made = this.#resampler.process(sound);
    if (this.#begun) return made;
    this.#begun = true;
    const whole = new Float32Array(Math.max(made.length, sound.length * this.#rate));
    whole.set(made, whole.length - made.length);
    return whole;
  }
}

function samplesOf(codec: 'pcmu' | 'pcma' | 'g722'): (packet: Uint8Array) => Int16Array {
  switch (codec) {
    case 'pcmu':
      return decodePcmu;
    case 'pcma':
      return decodePcma;
    case 'g722': {
      const decoder = new G722Decoder();
      return (packet) => decoder.decode(packet);
    }
  }
}
