import { describe, expect, it } from 'vitest';
import { canaryPicture, canarySample, canarySize } from './canary.ts';
import { isOther, type Sample, whole } from './picture-cells.ts';

type Rgb = readonly [number, number, number];

function sample(width: number, height: number, colourAt: (x: number, y: number) => Rgb): Sample {
  const data = new Uint8Array(width * height * 3);
  for (let at = 0; at < width * height; at++) {
    data.set(colourAt(((at % width) + 0.5) / width, (Math.floor(at / width) + 0.5) / height), at * 3);
  }
  return { width, height, data };
}

const plain = (...colour: Rgb): Sample => sample(64, 36, () => colour);
const slope = (width: number, height: number): Sample =>
  sample(width, height, (x, y) => [255 * x, 255 * y, 90]);
const lowest = (share: number, colour: Rgb): Sample =>
  sample(64, 36, (_, y) => (y > 1 - share ? colour : [90, 90, 90]));

describe('two pictures', () => {
  it.each<[string, Sample, Sample, boolean | undefined]>([
    ['are the same when they are', plain(10, 200, 90), plain(10, 200, 90), false],
    ['are the same in other sizes', slope(160, 90), slope(64, 64), false],
    ['are the same a little off', plain(100, 100, 100), plain(115, 90, 100), false],
    ['differ in brightness', plain(100, 100, 100), plain(140, 140, 140), true],
    ['differ in one colour', plain(100, 100, 100), plain(100, 100, 140), true],
    ['differ when colours are exchanged', plain(200, 90, 40), plain(40, 90, 200), true],
    ['differ when the lowest fifth is green', lowest(0, [0, 135, 0]), lowest(0.2, [0, 135, 0]), true],
    ['are the same but for a line', lowest(0, [0, 135, 0]), lowest(0.03, [0, 135, 0]), false],
    ['say nothing when they are too small', sample(4, 4, () => [0, 0, 0]), plain(255, 255, 255), undefined],
  ])('%s', (_name, one, other, expected) => {
    expect(isOther([one, whole], [other, whole], { cells: 8, tolerance: 24 })).toBe(expected);
  });

  it('are compared where they are to be the same, and not where they are covered', () => {
    const view = sample(128, 72, (x, y) => (x < 0.5 && y < 0.5 ? [200, 0, 0] : [0, 0, 0]));
    const tile = { x: 0, y: 0, width: 0.5, height: 0.5 };
    const options = { cells: 4, tolerance: 20 };
    expect(isOther([view, tile], [plain(200, 0, 0), whole], options)).toBe(false);
    expect(isOther([view, whole], [plain(200, 0, 0), whole], options)).toBe(true);
    const isHidden = (cell: { x: number; y: number }): boolean => cell.x > 0.3 || cell.y > 0.3;
    expect(isOther([view, whole], [plain(200, 0, 0), whole], { ...options, isHidden })).toBe(false);
    expect(
      isOther([view, whole], [plain(0, 0, 0), whole], { ...options, isHidden: () => true }),
    ).toBeUndefined();
  });
});

describe('the canary', () => {
  it('is four colours, and the same in both forms', () => {
    const { width, height } = canarySize;
    expect(canaryPicture().length).toBe((width * height * 3) / 2);
    for (const [x, y] of [
      [10, 10],
      [50, 10],
      [10, 50],
      [50, 50],
    ] as const) {
      const luma = canaryPicture()[y * width + x] ?? 0;
      const [r = 0, g = 0, b = 0] = canarySample.data.subarray((y * width + x) * 3);
      expect(Math.abs(16 + (65.5 * r + 128.6 * g + 25 * b) / 255 - luma)).toBeLessThan(2);
    }
  });
});
