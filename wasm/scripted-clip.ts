// Owns the pictures, sounds and chance of this folder's tests: integer arithmetic only, the same on every machine.
import { createHash } from 'node:crypto';

/** Xorshift: unsigned 32-bit numbers from a seed other than 0. */
export function chance(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state >>> 0;
  };
}

/** A packed I420 picture: a pattern that pans, a bright block that wanders, and noise. */
export function picture(width: number, height: number, index: number): Uint8Array<ArrayBuffer> {
  const noise = chance(index + 1);
  const pixels = new Uint8Array((width * height * 3) / 2);
  const blockX = (index * 5) % width;
  const blockY = (index * 3) % height;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const wave = Math.abs((((x + 2 * index) * 3 + y * 2) & 255) - 128);
      const checks = ((x + index) >> 3) & (y >> 3) & 1 ? 40 : 0;
      const isBlock = x >= blockX && x < blockX + 24 && y >= blockY && y < blockY + 24;
      pixels[y * width + x] = (isBlock ? 200 : 40 + wave + checks) + (noise() & 7);
    }
  }
  const half = width / 2;
  for (let plane = 0; plane < 2; plane++) {
    const start = width * height * (1 + plane / 4);
    for (let y = 0; y < height / 2; y++) {
      for (let x = 0; x < half; x++) {
        pixels[start + y * half + x] =
          108 + ((x + index * (plane + 1)) & 31) + ((y >> 2) & 7) + (noise() & 1);
      }
    }
  }
  return pixels;
}

export function clip(width: number, height: number, count: number): Uint8Array<ArrayBuffer>[] {
  return Array.from({ length: count }, (_, index) => picture(width, height, index));
}

export function md5(...parts: readonly (Uint8Array | Float32Array)[]): string {
  const hash = createHash('md5');
  for (const part of parts) hash.update(new Uint8Array(part.buffer, part.byteOffset, part.byteLength));
  return hash.digest('hex');
}

/** A triangle wave with a little noise, −1 … 1: exact in floats, so that it is the same everywhere. */
export function sound(count: number, period: number, seed = 1): Float32Array<ArrayBuffer> {
  const noise = chance(seed);
  return Float32Array.from({ length: count }, (_, i) => {
    const phase = i % period;
    const triangle = Math.abs(2 * phase - period) / period - 0.5;
    return triangle + ((noise() & 255) - 128) / 4096;
  });
}
