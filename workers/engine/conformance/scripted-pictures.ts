// Owns the pictures that suites of engines draw: plain ones, and such of two colours.
import type { Resolution } from '../../../schemas/media.ts';
import { yuvOf } from '../../../wasm/compositor.ts';
import type { Colour } from '../engine.ts';
import type { Rectangle } from '../rectangles.ts';

export const black: Colour = { r: 0, g: 0, b: 0 };
export const white: Colour = { r: 255, g: 255, b: 255 };
export const small: Resolution = { width: 160, height: 96 };

export const whole = ({ width, height }: Resolution): Rectangle => ({ x: 0, y: 0, width, height });

/** Packed I420 without colour. */
export function plain({ width, height }: Resolution, luma: number): Uint8Array {
  return new Uint8Array((width * height * 3) / 2).fill(128).fill(luma, 0, width * height);
}

/** The luma of a colour in full range. */
export function grayOf(colour: Colour): number {
  return ((yuvOf(colour).y - 16) * 255) / 219;
}

/** One colour on the left, another on the right. */
export function halves({ width, height }: Resolution, colours: readonly [Colour, Colour]): Uint8Array {
  const [left, right] = [yuvOf(colours[0]), yuvOf(colours[1])];
  const rows = (columns: number, count: number, plane: 'y' | 'u' | 'v'): number[] =>
    Array.from({ length: columns * count }, (_, at) => (at % columns < columns / 2 ? left : right)[plane]);
  return Uint8Array.from([
    ...rows(width, height, 'y'),
    ...rows(width / 2, height / 2, 'u'),
    ...rows(width / 2, height / 2, 'v'),
  ]);
}
