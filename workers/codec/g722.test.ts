import { createHash } from 'node:crypto';
import { expect, it } from 'vitest';
import { G722Decoder, G722Encoder } from './g722.ts';

const md5 = (list: Int16Array | Uint8Array): string =>
  createHash('md5')
    .update(new Uint8Array(list.buffer, list.byteOffset, list.byteLength))
    .digest('hex');

function chance(seed: number): () => number {
  let state = seed;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state >>> 0;
  };
}

/** Two seconds of sweeping triangles and noise, with a stretch of full-scale noise that saturates everything. */
function signal(): Int16Array<ArrayBuffer> {
  const random = chance(7);
  return Int16Array.from({ length: 32_000 }, (_, i) => {
    const period = 16 + (i >> 8);
    const triangle = Math.abs(2 * (i % period) - period) - (period >> 1);
    const noise = (random() % 4000) - 2000;
    if (i >= 20_000 && i < 24_000) return noise & 1 ? 32_767 : -32_768;
    return Math.trunc((triangle * 18_000) / period) + noise;
  });
}

// The digests are of what ffmpeg's coder and decoder, which pass the vectors of the recommendation, make of the same input.
it('encodes as the reference does', () => {
  const encoder = new G722Encoder();
  const samples = signal();
  const bytes = [samples.subarray(0, 320), samples.subarray(320)].map((part) => encoder.encode(part));
  expect(md5(Buffer.concat(bytes))).toBe('b306ddafd50daa8f86312fc3640cb5b5');
});

it('decodes as the reference does', () => {
  const encoded = new G722Encoder().encode(signal());
  const decoder = new G722Decoder();
  const parts = [encoded.subarray(0, 160), encoded.subarray(160)].map((part) => decoder.decode(part));
  expect(md5(Int16Array.from(parts.flatMap((part) => [...part])))).toBe('b4005f8ecb20260aca634572709d0d5b');
});

it('decodes noise as the reference does', () => {
  const random = chance(99);
  expect(md5(new G722Decoder().decode(Uint8Array.from({ length: 8000 }, () => random())))).toBe(
    'fa05d38da2cfc44880d0ba1792ff4ca4',
  );
});

it('refuses half a pair', () => {
  expect(() => new G722Encoder().encode(new Int16Array(3))).toThrow(RangeError);
});
