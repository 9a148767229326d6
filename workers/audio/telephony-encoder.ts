// Owns encoding to G.711 and G.722 from 48 kHz.
import type { Audio } from '../../wasm/audio.ts';
import { Resampler } from '../../wasm/resampler.ts';
import { G722Encoder } from '../codec/g722.ts';
import { encodePcma } from '../codec/pcma.ts';
import { encodePcmu } from '../codec/pcmu.ts';

export class TelephonyEncoder {
  readonly #resampler: Resampler;
  readonly #bytes: (samples: Int16Array) => Uint8Array<ArrayBuffer>;
  readonly #channels: 1 | 2;
  readonly #period: number;
  #waiting: Int16Array | undefined;

  constructor(audio: Audio, codec: 'pcmu' | 'pcma' | 'g722', channels: 1 | 2) {
    const toRate = codec === 'g722' ? 16_000 : 8000;
    this.#bytes = bytesOf(codec);
    this.#channels = channels;
    this.#period = toRate / 50;
    this.#resampler = new Resampler(audio, { channels: 1, fromRate: 48_000, toRate });
  }

  encode(samples: Float32Array): Uint8Array<ArrayBuffer> {
    const made = this.#resampler.process(this.#channels === 1 ? samples : mono(samples));
    // The filter holds its delay back at the first time; silence goes in its place.
    this.#waiting ??= new Int16Array(Math.max(0, this.#period - made.length));
    const all = new Int16Array(Math.max(this.#period, this.#waiting.length + made.length));
    all.set(this.#waiting);
    const from = this.#waiting.length;
    for (const [at, sample] of made.entries()) {
      all[from + at] = Math.round(Math.max(-1, Math.min(1, sample)) * 32_767);
    }
    this.#waiting = all.slice(this.#period);
    return this.#bytes(all.subarray(0, this.#period));
  }

  close(): void {
    this.#resampler.close();
  }
}

function mono(samples: Float32Array): Float32Array {
  return Float32Array.from(
    { length: samples.length / 2 },
    (_, at) => ((samples[2 * at] ?? 0) + (samples[2 * at + 1] ?? 0)) / 2,
  );
}

function bytesOf(codec: 'pcmu' | 'pcma' | 'g722'): (samples: Int16Array) => Uint8Array<ArrayBuffer> {
  switch (codec) {
    case 'pcmu':
      return encodePcmu;
    case 'pcma':
      return encodePcma;
    case 'g722': {
      const encoder = new G722Encoder();
      return (samples) => encoder.encode(samples);
    }
  }
}
