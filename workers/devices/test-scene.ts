// Owns the pictures of the self-test: smooth, colourful, moving, the same on every machine, and how far two are apart. Pure.
import type { Resolution } from '../../schemas/media.ts';

/** The `index`-th picture, packed I420: slopes that pan, and a bright disc that wanders. */
export function scenePicture({ width, height }: Resolution, index: number): Uint8Array<ArrayBuffer> {
  const packed = new Uint8Array((width * height * 3) / 2);
  const discX = width / 2 + (width / 3) * Math.cos(index / 5);
  const discY = height / 2 + (height / 3) * Math.sin(index / 5);
  const radius = height / 6;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const isDisc = (x - discX) ** 2 + (y - discY) ** 2 < radius ** 2;
      packed[y * width + x] = isDisc ? 210 : 60 + triangle(x + 3 * index, 256) / 2 + triangle(y, 180) / 4;
    }
  }
  const half = width / 2;
  const chroma = (half * height) / 2;
  for (let y = 0; y < height / 2; y++) {
    for (let x = 0; x < half; x++) {
      const at = width * height + y * half + x;
      packed[at] = 96 + triangle(x + index, 128) / 2;
      packed[at + chroma] = 96 + triangle(y + 2 * index, 128) / 2;
    }
  }
  return packed;
}

/** Peak signal-to-noise ratio of two packed pictures, in dB; 0 for different sizes, 99 for equal ones. */
export function psnrOf(one: Uint8Array, other: Uint8Array): number {
  if (one.length !== other.length || one.length === 0) return 0;
  let squares = 0;
  for (let at = 0; at < one.length; at++) squares += ((one[at] ?? 0) - (other[at] ?? 0)) ** 2;
  return squares === 0 ? 99 : Math.min(99, 10 * Math.log10((255 * 255 * one.length) / squares));
}

/** 0 … period / 2 and back. */
function triangle(at: number, period: number): number {
  const phase = at % period;
  return Math.min(phase, period - phase);
}
