// Owns the picture that a device is asked to give back now and then: four colours, so that one that gives the same for
// everything is found out, whatever comes in.
import type { Resolution } from '../../../schemas/media.ts';
import type { Sample } from './picture-cells.ts';

/** Some devices take no smaller ones. */
const side = 64;
export const canarySize: Resolution = { width: side, height: side };

interface Corner {
  /** BT.601 of limited range. */
  readonly yuv: readonly [number, number, number];
  /** The same, full range. */
  readonly rgb: readonly [number, number, number];
}

/** Top left, top right, bottom left, bottom right. */
const corners: readonly Corner[] = [
  { yuv: [81, 90, 240], rgb: [254, 0, 0] },
  { yuv: [41, 240, 110], rgb: [0, 0, 255] },
  { yuv: [180, 128, 128], rgb: [191, 191, 191] },
  { yuv: [60, 128, 128], rgb: [51, 51, 51] },
];

function cornerAt(column: number, row: number, length: number): Corner | undefined {
  return corners[(column < length / 2 ? 0 : 1) + (row < length / 2 ? 0 : 2)];
}

/** Packed I420 of `canarySize`. */
export function canaryPicture(): Uint8Array {
  const plane = (length: number, channel: 0 | 1 | 2): number[] =>
    Array.from(
      { length: length * length },
      (_, at) => cornerAt(at % length, Math.floor(at / length), length)?.yuv[channel] ?? 0,
    );
  return Uint8Array.from([...plane(side, 0), ...plane(side / 2, 1), ...plane(side / 2, 2)]);
}

/** What it is to look like. */
export const canarySample: Sample = {
  ...canarySize,
  data: Uint8Array.from(
    Array.from(
      { length: side * side },
      (_, at) => cornerAt(at % side, Math.floor(at / side), side)?.rgb ?? [],
    ).flat(),
  ),
};
