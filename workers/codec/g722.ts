// Owns G.722 at 64 kbit/s (ITU-T G.722): 16 kHz, 16-bit samples, two of them in one byte. Two sub-bands from a filter
// bank, each coded by adaptive prediction; six bits for the lower one, two for the upper. Names in capitals are the
// recommendation's blocks.

export class G722Encoder {
  readonly #history = new Int32Array(24);
  readonly #low = new Band(32);
  readonly #high = new Band(8);

  /** One byte for each two samples. Throws RangeError for an odd number of them. */
  encode(samples: Int16Array): Uint8Array<ArrayBuffer> {
    if (samples.length % 2 !== 0) throw new RangeError(`${samples.length} samples are not pairs`);
    const bytes = new Uint8Array(samples.length / 2);
    for (let i = 0; i < bytes.length; i++) {
      bytes[i] = this.#pair(samples[2 * i] ?? 0, samples[2 * i + 1] ?? 0);
    }
    return bytes;
  }

  /** Transmit QMF, then both sub-bands. */
  #pair(first: number, second: number): number {
    const x = this.#history;
    x.copyWithin(0, 2);
    x[22] = first;
    x[23] = second;
    let odd = 0;
    let even = 0;
    for (let i = 0; i < 12; i++) {
      odd += at(x, 2 * i) * at(qmf, i);
      even += at(x, 2 * i + 1) * at(qmf, 11 - i);
    }
    return (this.#encodeHigh((even - odd) >> 14) << 6) | this.#encodeLow((even + odd) >> 14);
  }

  /** SUBTRA, QUANTL, and the predictor's update. */
  #encodeLow(sample: number): number {
    const band = this.#low;
    const gap = saturate(sample - band.estimate);
    const magnitude = gap >= 0 ? gap : ~gap;
    let level = 1;
    while (level < 30 && magnitude >= (at(decisions, level) * band.scale) >> 12) level++;
    const code = at(gap < 0 ? negativeCodes : positiveCodes, level);
    const coarse = code >> 2;
    band.update((band.scale * at(coarseLow, coarse)) >> 15, at(lowScaleSteps, coarse), lowScale);
    return code;
  }

  /** SUBTRA, QUANTH, and the predictor's update. */
  #encodeHigh(sample: number): number {
    const band = this.#high;
    const gap = saturate(sample - band.estimate);
    const magnitude = gap >= 0 ? gap : ~gap;
    const isLarge = magnitude >= (564 * band.scale) >> 12;
    const code = gap < 0 ? (isLarge ? 0 : 1) : isLarge ? 2 : 3;
    band.update((band.scale * at(highLevels, code)) >> 15, at(highScaleSteps, code), highScale);
    return code;
  }
}

export class G722Decoder {
  readonly #history = new Int32Array(24);
  readonly #low = new Band(32);
  readonly #high = new Band(8);

  /** Two samples for each byte. */
  decode(bytes: Uint8Array): Int16Array<ArrayBuffer> {
    const samples = new Int16Array(bytes.length * 2);
    for (const [i, byte] of bytes.entries()) {
      const low = this.#decodeLow(byte & 0x3f);
      const high = this.#decodeHigh(byte >> 6);
      this.#receive(low, high, samples, 2 * i);
    }
    return samples;
  }

  #decodeLow(code: number): number {
    const band = this.#low;
    // The output uses all six bits, the predictor only the upper four, which other modes of G.722 leave alone.
    const sample = limit(band.estimate + ((band.scale * at(fineLow, code)) >> 15));
    const coarse = code >> 2;
    band.update((band.scale * at(coarseLow, coarse)) >> 15, at(lowScaleSteps, coarse), lowScale);
    return sample;
  }

  #decodeHigh(code: number): number {
    const band = this.#high;
    const difference = (band.scale * at(highLevels, code)) >> 15;
    const sample = limit(band.estimate + difference);
    band.update(difference, at(highScaleSteps, code), highScale);
    return sample;
  }

  /** Receive QMF. */
  #receive(low: number, high: number, samples: Int16Array, to: number): void {
    const x = this.#history;
    x.copyWithin(0, 2);
    x[22] = low + high;
    x[23] = low - high;
    let first = 0;
    let second = 0;
    for (let i = 0; i < 12; i++) {
      second += at(x, 2 * i) * at(qmf, i);
      first += at(x, 2 * i + 1) * at(qmf, 11 - i);
    }
    samples[to] = saturate(first >> 11);
    samples[to + 1] = saturate(second >> 11);
  }
}

/** How a sub-band's quantiser scale follows its codes (LOGSCL and SCALEL, LOGSCH and SCALEH). */
interface ScaleRule {
  readonly most: number;
  readonly shift: number;
}
const lowScale: ScaleRule = { most: 18_432, shift: 8 };
const highScale: ScaleRule = { most: 22_528, shift: 10 };

/** The state of one sub-band: its predictor with two poles and six zeros, and the scale of its quantiser. */
class Band {
  /** What the next sample is expected to be. */
  estimate = 0;
  /** DETL or DETH. */
  scale: number;
  #logScale = 0;
  #zerosPart = 0;
  readonly #poles = new Int32Array(2);
  readonly #zeros = new Int32Array(6);
  /** Differences of the last six samples, and the reconstructed last two. */
  readonly #differences = new Int32Array(6);
  readonly #reconstructed = new Int32Array(2);
  /** The last two samples as the zeros alone would have them; only their signs count. */
  readonly #partial = new Int32Array(2);

  constructor(scale: number) {
    this.scale = scale;
  }

  /** Takes the quantised `difference` of this sample in: scale, both predictors, next estimate. */
  update(difference: number, scaleStep: number, { most, shift }: ScaleRule): void {
    this.#logScale = Math.min(most, Math.max(0, ((this.#logScale * 127) >> 7) + scaleStep));
    const mantissa = at(scaleMantissas, (this.#logScale >> 6) & 31);
    const exponent = shift - (this.#logScale >> 11);
    this.scale = (exponent < 0 ? mantissa << -exponent : mantissa >> exponent) << 2;

    const partial = saturate(this.#zerosPart + difference);
    this.#updatePoles(partial);
    this.#updateZeros(difference);
    this.#predict(difference);
  }

  /** UPPOL2 and UPPOL1. */
  #updatePoles(partial: number): void {
    const [before = 0, beforeThat = 0] = this.#partial;
    const [first = 0, second = 0] = this.#poles;
    const sameAsLast = sign(partial) === sign(before);
    const sameAsSecond = sign(partial) === sign(beforeThat);
    const lean = saturate(first << 2);
    let change = (sameAsLast ? saturate(-lean) : lean) >> 7;
    change = change > 32_767 ? 32_767 : change;
    let newSecond = change + (sameAsSecond ? 128 : -128) + ((second * 32_512) >> 15);
    newSecond = Math.max(-12_288, Math.min(12_288, newSecond));
    const bound = saturate(15_360 - newSecond);
    const newFirst = saturate((sameAsLast ? 192 : -192) + ((first * 32_640) >> 15));
    this.#poles[0] = Math.max(-bound, Math.min(bound, newFirst));
    this.#poles[1] = newSecond;
    this.#partial[1] = before;
    this.#partial[0] = partial;
  }

  /** UPZERO. */
  #updateZeros(difference: number): void {
    const step = difference === 0 ? 0 : 128;
    for (let i = 0; i < 6; i++) {
      const isSame = sign(difference) === sign(at(this.#differences, i));
      this.#zeros[i] = saturate((isSame ? step : -step) + ((at(this.#zeros, i) * 32_640) >> 15));
    }
  }

  /** RECONS, FILTEZ, FILTEP, PREDIC. */
  #predict(difference: number): void {
    this.#reconstructed[1] = at(this.#reconstructed, 0);
    this.#reconstructed[0] = saturate(this.estimate + difference);
    this.#differences.copyWithin(1, 0);
    this.#differences[0] = difference;
    let zeros = 0;
    for (let i = 0; i < 6; i++) zeros += (at(this.#zeros, i) * saturate(2 * at(this.#differences, i))) >> 15;
    this.#zerosPart = saturate(zeros);
    const polesPart = saturate(
      ((at(this.#poles, 0) * saturate(2 * at(this.#reconstructed, 0))) >> 15) +
        ((at(this.#poles, 1) * saturate(2 * at(this.#reconstructed, 1))) >> 15),
    );
    this.estimate = saturate(polesPart + this.#zerosPart);
  }
}

const at = (list: readonly number[] | Int32Array, index: number): number => list[index] ?? 0;
const sign = (value: number): number => (value < 0 ? -1 : 1);
const saturate = (value: number): number => Math.max(-32_768, Math.min(32_767, value));
/** LIMIT: sub-band samples have 15 bits. */
const limit = (value: number): number => Math.max(-16_384, Math.min(16_383, value));

/** Half of the filter bank's symmetric impulse response (table 11/G.722), every second coefficient. */
const qmf = [3, -11, 12, 32, -210, 951, 3876, -805, 362, -156, 53, -11];

/** Decision levels of the lower sub-band (table 14/G.722); the first is never asked for. */
const decisions = [
  0, 35, 72, 110, 150, 190, 233, 276, 323, 370, 422, 473, 530, 587, 650, 714, 786, 858, 940, 1023, 1121, 1219,
  1339, 1458, 1612, 1765, 1980, 2195, 2557, 2919,
];
/** Codes of the lower sub-band by interval and sign (table 14/G.722). */
const negativeCodes = [
  0, 63, 62, 31, 30, 29, 28, 27, 26, 25, 24, 23, 22, 21, 20, 19, 18, 17, 16, 15, 14, 13, 12, 11, 10, 9, 8, 7,
  6, 5, 4, 0,
];
const positiveCodes = [
  0, 61, 60, 59, 58, 57, 56, 55, 54, 53, 52, 51, 50, 49, 48, 47, 46, 45, 44, 43, 42, 41, 40, 39, 38, 37, 36,
  35, 34, 33, 32, 0,
];
/** Values of all six bits (QQ6), of the upper four (QQ4), and of the upper sub-band's two (QQ2). */
const fineLow = [
  -136, -136, -136, -136, -24_808, -21_904, -19_008, -16_704, -14_984, -13_512, -12_280, -11_192, -10_232,
  -9360, -8576, -7856, -7192, -6576, -6000, -5456, -4944, -4464, -4008, -3576, -3168, -2776, -2400, -2032,
  -1688, -1360, -1040, -728, 24_808, 21_904, 19_008, 16_704, 14_984, 13_512, 12_280, 11_192, 10_232, 9360,
  8576, 7856, 7192, 6576, 6000, 5456, 4944, 4464, 4008, 3576, 3168, 2776, 2400, 2032, 1688, 1360, 1040, 728,
  432, 136, -432, -136,
];
const coarseLow = [
  0, -20_456, -12_896, -8968, -6288, -4240, -2584, -1200, 20_456, 12_896, 8968, 6288, 4240, 2584, 1200, 0,
];
const highLevels = [-7408, -1616, 7408, 1616];
/** Steps of the logarithmic scale (WL and WH), by code. */
const lowScaleSteps = [-60, 3042, 1198, 538, 334, 172, 58, -30, 3042, 1198, 538, 334, 172, 58, -30, -60];
const highScaleSteps = [798, -214, 798, -214];
/** 2048 · 2^(i/32) (ILB). */
const scaleMantissas = [
  2048, 2093, 2139, 2186, 2233, 2282, 2332, 2383, 2435, 2489, 2543, 2599, 2656, 2714, 2774, 2834, 2896, 2960,
  3025, 3091, 3158, 3228, 3298, 3371, 3444, 3520, 3597, 3676, 3756, 3838, 3922, 4008,
];
