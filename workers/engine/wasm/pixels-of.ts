// Owns what programs see of an I420 picture: full-range RGB or gray of what is BT.601 of limited range. In JavaScript, for
// pictures that are small and few.
import type { PixelFormat } from '../../../schemas/picture-tap.ts';
import type { Canvas } from '../../../wasm/picture.ts';

/** A copy of the canvas in `memory`: three bytes for each pixel, or one; rows without gaps. Even sizes. */
export function pixelsOf(
  memory: Uint8Array,
  { width, height, pointer }: Canvas,
  pixels: PixelFormat,
): Uint8Array<ArrayBuffer> {
  const luma = width * height;
  const made = new Uint8ClampedArray(pixels === 'rgb' ? luma * 3 : luma);
  if (pixels === 'gray') fillGray(made, memory.subarray(pointer, pointer + luma));
  else fillRgb(made, memory.subarray(pointer, pointer + (luma * 3) / 2), width, height);
  return new Uint8Array(made.buffer);
}

function fillGray(to: Uint8ClampedArray, luma: Uint8Array): void {
  for (let at = 0; at < luma.length; at++) to[at] = (298 * ((luma[at] ?? 0) - 16) + 128) >> 8;
}

/** Coefficients in 1/256 (ITU-R BT.601-7 §2.5.4, stretched from 219 and 224 steps to 255). */
function fillRgb(to: Uint8ClampedArray, planes: Uint8Array, width: number, height: number): void {
  const half = width / 2;
  const u = width * height;
  const v = u + u / 4;
  let at = 0;
  for (let y = 0; y < height; y++) {
    const row = y * width;
    const chroma = (y >> 1) * half;
    for (let x = 0; x < width; x++, at += 3) {
      const level = 298 * ((planes[row + x] ?? 0) - 16) + 128;
      const blueness = (planes[u + chroma + (x >> 1)] ?? 0) - 128;
      const redness = (planes[v + chroma + (x >> 1)] ?? 0) - 128;
      to[at] = (level + 409 * redness) >> 8;
      to[at + 1] = (level - 100 * blueness - 208 * redness) >> 8;
      to[at + 2] = (level + 516 * blueness) >> 8;
    }
  }
}
