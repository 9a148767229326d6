import { beforeAll, expect, it, vi } from 'vitest';
import type { Instance } from './instance.ts';
import { instantiate } from './loader.ts';
import { readModule } from './locate.ts';
import { chance } from './scripted-clip.ts';
import { describeBuilt } from './scripted-modules.ts';

vi.setConfig({ testTimeout: 60_000 });

const seed = 20261121;
const rounds = 100;
const blocks = ['16x16', '16x8', '8x16', '8x8'] as const;
const names = [
  'malloc',
  ...blocks.flatMap((size) => [`probe_sad_${size}`, `probe_sad_four_${size}`, `probe_satd_${size}`] as const),
  'probe_satd_4x4',
  'probe_dct',
  'probe_dct_four',
  'probe_idct',
  'probe_idct_four',
  'probe_idct_in_place',
  'probe_quantise',
  'probe_quantise_four',
  'probe_quantise_four_max',
  'probe_nonzero',
  'probe_luma',
  'probe_chroma',
  'probe_half_right',
  'probe_half_down',
  'probe_half_both',
  'probe_average',
  'probe_deblock_luma_v',
  'probe_deblock_luma_h',
  'probe_deblock_chroma_v',
  'probe_deblock_chroma_h',
  'probe_analysis',
  'probe_loop_mbh',
  'probe_loop_mbv',
  'probe_loop_bh',
  'probe_loop_bv',
  'probe_six_tap_4x4',
  'probe_six_tap_8x4',
  'probe_six_tap_8x8',
  'probe_six_tap_16x16',
  'probe_fdct4x4',
  'probe_fdct8x4',
] as const;

type Probe = Instance<(typeof names)[number]>;
type Call = Probe['call'];

/** Bytes of each of the areas that a kernel works on. Reads around a block stay inside. */
const area = 8192;
/** Where a block begins in its area: enough rows of 96 before it for every filter. */
const inside = 96 * 16 + 32;
const stride = 96;

describeBuilt(`kernels against the libraries' own C (seed ${seed})`, () => {
  const probes: { simd: Probe; plain: Probe }[] = [];
  let a = 0;
  beforeAll(async () => {
    const simd = await instantiate(await readModule('kernels-simd'), names);
    const plain = await instantiate(await readModule('kernels-plain'), names);
    probes.push({ simd, plain });
    a = simd.call.malloc(4 * area);
    // Both modules lay out their memory alone; a test needs one address for both.
    const other = plain.call.malloc(4 * area);
    a = Math.max(a, other) + 64;
  });

  /** Fills the areas of both modules alike, calls both, and expects the same result and the same memory. */
  function agree(
    fill: (bytes: Uint8Array, random: () => number) => void,
    use: (call: Call, random: number) => unknown,
  ): void {
    const { simd, plain } = probes[0]!;
    const random = chance(seed);
    const start = a & ~15;
    for (let round = 0; round < rounds; round++) {
      const content = new Uint8Array(4 * area - 128);
      fill(content, random);
      const choice = random();
      const results = [simd, plain].map((probe) => {
        probe.bytes.set(content, start);
        const result = use(probe.call, choice);
        return { result, memory: probe.bytes.slice(start, start + content.length) };
      });
      expect(results[0]!.result, `round ${round}`).toBe(results[1]!.result);
      expect(Buffer.compare(results[0]!.memory, results[1]!.memory), `memory in round ${round}`).toBe(0);
    }
  }

  const first = (): number => (a & ~15) + inside;
  const second = (): number => first() + area;
  const third = (): number => second() + area;

  /** All kinds of content: noise, near-equal pictures, extremes. */
  function pixels(bytes: Uint8Array, random: () => number): void {
    const kind = random() % 4;
    for (let i = 0; i < bytes.length; i++) {
      const r = random();
      if (kind === 0) bytes[i] = r;
      else if (kind === 1) bytes[i] = 120 + (r & 15);
      else if (kind === 2) bytes[i] = r & 1 ? 255 : 0;
      else bytes[i] = ((i % stride) * 2 + (r & 7)) & 255;
    }
  }

  for (const size of blocks) {
    it(`SAD and SATD ${size}`, () => {
      agree(pixels, (call) => call[`probe_sad_${size}`](first(), stride, second(), stride));
      agree(pixels, (call) => call[`probe_satd_${size}`](first(), stride, second(), stride));
      agree(
        pixels,
        (call) => void call[`probe_sad_four_${size}`](first(), stride, second(), stride, third()),
      );
    });
  }

  it('SATD 4x4', () => agree(pixels, (call) => call.probe_satd_4x4(first(), stride, second(), stride)));

  it('forward transforms', () => {
    agree(pixels, (call) => void call.probe_dct(third(), first(), stride, second(), stride));
    agree(pixels, (call) => void call.probe_dct_four(third(), first(), stride, second(), stride));
  });

  /** Pixels, and in the third area coefficients of a size that an encoder makes. */
  function coefficients(bytes: Uint8Array, random: () => number): void {
    pixels(bytes, random);
    const words = new Int16Array(bytes.buffer);
    const limit = 1 << (4 + (random() % 8));
    for (let i = area; i < area + 1024; i++)
      words[i] = random() % 3 === 0 ? 0 : (random() % (2 * limit)) - limit;
    words.copyWithin((third() - (a & ~15)) / 2, area, area + 1024);
    const factors = (third() - (a & ~15)) / 2 + 512;
    // Rounding and factors as in the encoder's tables: 0 … 32767.
    for (let i = 0; i < 16; i++) words[factors + i] = random() % (i < 8 ? 2000 : 26214);
  }

  it('inverse transforms', () => {
    agree(coefficients, (call) => void call.probe_idct(first(), stride, second(), stride, third()));
    agree(coefficients, (call) => void call.probe_idct_four(first(), stride, second(), stride, third()));
    agree(coefficients, (call) => void call.probe_idct_in_place(first(), stride, third()));
  });

  it('quantisation and its count', () => {
    const rounding = (): number => third() + 1024;
    const factor = (): number => third() + 1040;
    agree(coefficients, (call) => void call.probe_quantise(third(), rounding(), factor()));
    agree(coefficients, (call) => void call.probe_quantise_four(third(), rounding(), factor()));
    agree(
      coefficients,
      (call) => void call.probe_quantise_four_max(third(), rounding(), factor(), third() + 2048),
    );
    agree(coefficients, (call) => call.probe_nonzero(third()));
  });

  it('motion compensation of luma, every fraction and size', () => {
    for (const [w, h] of [
      [16, 16],
      [16, 8],
      [8, 16],
      [8, 8],
      [8, 4],
      [4, 8],
      [4, 4],
    ] as const) {
      agree(
        pixels,
        (call, r) => void call.probe_luma(first(), stride, second(), stride, r & 3, (r >>> 2) & 3, w, h),
      );
    }
  });

  it('motion compensation of chroma, every fraction and size', () => {
    for (const [w, h] of [
      [8, 8],
      [8, 4],
      [4, 8],
      [4, 4],
      [4, 2],
      [2, 4],
      [2, 2],
    ] as const) {
      agree(
        pixels,
        (call, r) => void call.probe_chroma(first(), stride, second(), stride, r & 7, (r >>> 3) & 7, w, h),
      );
    }
  });

  it('half-pel planes of vector refinement and their averages', () => {
    for (const [w, h] of [
      [16, 16],
      [17, 16],
      [8, 8],
      [9, 8],
      [16, 17],
      [8, 9],
      [17, 17],
      [9, 9],
      [5, 5],
      [4, 5],
      [5, 4],
    ] as const) {
      if (w !== 16 && w !== 8 && w !== 4)
        agree(pixels, (call) => void call.probe_half_right(first(), stride, second(), stride, w, h));
      if (w === 16 || w === 8 || w === 4)
        agree(pixels, (call) => void call.probe_half_down(first(), stride, second(), stride, w, h));
      if (w % 2 === 1)
        agree(pixels, (call) => void call.probe_half_both(first(), stride, second(), stride, w, h));
    }
    for (const [w, h] of [
      [16, 16],
      [8, 8],
      [4, 4],
    ] as const) {
      agree(pixels, (call) => void call.probe_average(third(), stride, first(), second(), stride, w, h));
    }
  });

  it('H.264 deblocking', () => {
    const strengths = (bytes: Uint8Array, random: () => number): void => {
      pixels(bytes, random);
      for (let i = 0; i < 4; i++) bytes[third() - (a & ~15) + i] = (random() % 27) - 1;
    };
    const alpha = (r: number): number => r % 256;
    const beta = (r: number): number => (r >>> 8) % 19;
    agree(
      strengths,
      (call, r) => void call.probe_deblock_luma_v(first(), stride, alpha(r), beta(r), third()),
    );
    agree(
      strengths,
      (call, r) => void call.probe_deblock_luma_h(first(), stride, alpha(r), beta(r), third()),
    );
    agree(
      strengths,
      (call, r) => void call.probe_deblock_chroma_v(first(), second(), stride, alpha(r), beta(r), third()),
    );
    agree(
      strengths,
      (call, r) => void call.probe_deblock_chroma_h(first(), second(), stride, alpha(r), beta(r), third()),
    );
  });

  it('analysis before encoding', () => {
    agree(
      pixels,
      (call) =>
        void call.probe_analysis(
          first(),
          second(),
          64,
          48,
          stride,
          third(),
          third() + 64,
          third() + 512,
          third() + 1024,
        ),
    );
  });

  it('VP8 loop filters', () => {
    const limits = (bytes: Uint8Array, random: () => number): void => {
      pixels(bytes, random);
      for (let i = 0; i < 4; i++) {
        const at = third() - (a & ~15) + 16 * i;
        bytes.fill(i < 2 ? random() % 140 : random() % 64, at, at + 16);
      }
    };
    for (const name of ['mbh', 'mbv', 'bh', 'bv'] as const) {
      agree(
        limits,
        (call) => void call[`probe_loop_${name}`](first(), second(), second() + 32, stride, stride, third()),
      );
    }
  });

  it('VP8 sub-pixel prediction', () => {
    for (const size of ['4x4', '8x4', '8x8', '16x16'] as const) {
      agree(pixels, (call, r) => {
        // Whole vectors are copied elsewhere.
        const x = r % 8;
        const y = x === 0 ? 1 + ((r >>> 3) % 7) : (r >>> 3) % 8;
        call[`probe_six_tap_${size}`](first(), stride, x, y, second(), stride);
      });
    }
  });

  it('VP8 forward transform', () => {
    const residual = (bytes: Uint8Array, random: () => number): void => {
      const words = new Int16Array(bytes.buffer);
      for (let i = 0; i < words.length; i++) words[i] = (random() % 511) - 255;
    };
    agree(residual, (call) => void call.probe_fdct4x4(first(), second(), 32));
    agree(residual, (call) => void call.probe_fdct8x4(first(), second(), 32));
  });
});
