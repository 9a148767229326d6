// Owns the tests of where inputs are drawn: examples of room-model §4.6, and what must hold for every size and region.
import { describe, expect, it } from 'vitest';
import type { Region } from '../../schemas/stream.ts';
import { fitTile, regionRectangle } from './rectangles.ts';
import type { FitPolicy, Rectangle, Tile } from './rectangles.ts';

function region(left: string, top: string, width: string, height: string): Region {
  return { id: '1', shape: 'rectangle', area: { left, top, width, height } };
}

function size(text: string): { width: number; height: number } {
  const [width = 0, height = 0] = text.split('x').map(Number);
  return { width, height };
}

/** `x,y wxh` */
function text(rectangle: Rectangle | undefined): string {
  if (rectangle === undefined) return 'none';
  const { x, y, width, height } = rectangle;
  return `${x},${y} ${width}x${height}`;
}

const both = (tile: Tile | undefined) =>
  tile === undefined ? 'none' : `${text(tile.source)} → ${text(tile.destination)}`;

const full = region('0/1', '0/1', '1/1', '1/1');
const middle = region('1/3', '1/3', '1/3', '1/3');

describe('regionRectangle', () => {
  it.each([
    ['full frame', full, '640x480', '0,0 640x480'],
    ['the middle of nine', middle, '640x480', '213,160 213x160'],
    ['unreduced', region('2/4', '0/4', '2/4', '2/4'), '640x480', '320,0 320x240'],
    ['cut off at the right and bottom', region('1/2', '2/3', '1/1', '2/3'), '640x480', '320,320 320x160'],
    ['outside', region('3/2', '1/1', '1/1', '1/1'), '640x480', '640,480 0x0'],
    ['of a decimal', region('0/1', '0/1', '667/1000', '667/1000'), '640x480', '0,0 426x320'],
  ])('%s', (_case, given, canvas, expected) => {
    expect(text(regionRectangle(given, size(canvas)))).toBe(expected);
  });

  it('is none where a text is no fraction', () => {
    expect(regionRectangle(region('0.5', '0/1', '1/1', '1/1'), size('640x480'))).toBeUndefined();
  });
});

describe('fitTile', () => {
  it.each<[string, FitPolicy, Region, string, string, string]>([
    [
      'room-model#28 16:9 into a square',
      'letterbox',
      full,
      '1280x720',
      '480x480',
      '0,0 1280x720 → 0,104 480x270',
    ],
    ['room-model#28 16:9 fills a square', 'crop', full, '1280x720', '480x480', '280,0 720x720 → 0,0 480x480'],
    ['4:3 into 16:9', 'letterbox', full, '640x480', '1280x720', '0,0 640x480 → 160,0 960x720'],
    ['4:3 fills 16:9', 'crop', full, '640x480', '1280x720', '0,60 640x360 → 0,0 1280x720'],
    ['upright into 16:9', 'letterbox', full, '720x1280', '1280x720', '0,0 720x1280 → 436,0 404x720'],
    ['the same shape', 'crop', full, '320x180', '1280x720', '0,0 320x180 → 0,0 1280x720'],
    ['the middle of nine', 'crop', middle, '640x480', '640x480', '0,0 638x480 → 212,160 212x160'],
    ['an avatar', 'letterbox', middle, '180x180', '640x480', '0,0 180x180 → 238,160 160x160'],
    ['an odd input', 'letterbox', full, '175x143', '640x480', '0,0 174x142 → 26,0 586x480'],
    ['an odd picture', 'crop', full, '640x480', '641x481', '0,0 638x480 → 0,0 640x480'],
    ['a hair', 'letterbox', full, '4000x4', '640x480', 'none'],
    ['a pixel', 'crop', full, '1x1', '640x480', 'none'],
    ['no picture yet', 'crop', full, '0x0', '640x480', 'none'],
    ['an empty region', 'crop', region('0/1', '0/1', '0/1', '1/1'), '640x480', '640x480', 'none'],
    [
      'a region of less than two pixels',
      'crop',
      region('0/1', '0/1', '1/500', '1/1'),
      '640x480',
      '640x480',
      'none',
    ],
  ])('%s: %s', (_case, policy, given, input, canvas, expected) => {
    expect(both(fitTile(given, size(input), size(canvas), policy))).toBe(expected);
  });
});

describe('every tile', () => {
  const seeds = Array.from({ length: 20 }, (_, index) => index + 1);

  it.each(seeds)('room-model#28 seed %i: even, inside, centred, of the right shape', (seed) => {
    const below = dice(seed);
    for (let round = 0; round < 300; round += 1) {
      const canvas = { width: 16 + below(4000), height: 16 + below(2400) };
      const input = { width: 2 + below(4000), height: 2 + below(2400) };
      const part = () => `${below(30)}/${1 + below(30)}`;
      const given = below(4) === 0 ? full : region(part(), part(), part(), part());
      const policy = below(2) === 0 ? 'letterbox' : 'crop';
      const tile = fitTile(given, input, canvas, policy);
      if (tile === undefined) continue;
      const where = JSON.stringify({ canvas, input, given, policy, tile });
      expect(oddOrOutside(tile.destination, canvas), where).toBe(false);
      expect(oddOrOutside(tile.source, input), where).toBe(false);
      const outer = regionRectangle(given, canvas);
      if (outer === undefined) throw new Error(where);
      expect(within(tile.destination, outer), where).toBe(true);
      expect(shapeOff(tile, policy, input, outer), where).toBe(false);
    }
  });

  it.each(seeds)(
    'seed %i: cells of a grid never overlap and leave less than four pixels between them',
    (seed) => {
      const below = dice(seed);
      for (let round = 0; round < 10; round += 1) {
        const n = 1 + below(16);
        const canvas = { width: 64 + below(4000), height: 64 + below(2400) };
        const cell = (index: number) => region(`${index}/${n}`, `${index}/${n}`, `1/${n}`, `1/${n}`);
        let [right, bottom] = [0, 0];
        for (let index = 0; index < n; index += 1) {
          const tile = fitTile(cell(index), { width: 640, height: 360 }, canvas, 'crop');
          if (tile === undefined) throw new Error('cells of four pixels and more are drawn');
          const { x, y, width, height } = tile.destination;
          const gaps = [x - right, y - bottom];
          [right, bottom] = [x + width, y + height];
          const seen = JSON.stringify({ n, canvas, index, gaps });
          expect(Math.min(...gaps), seen).toBeGreaterThanOrEqual(0);
          expect(Math.max(...gaps), seen).toBeLessThan(4);
        }
        expect(canvas.width - right).toBeLessThan(4);
        expect(canvas.height - bottom).toBeLessThan(4);
      }
    },
  );

  function oddOrOutside(
    { x, y, width, height }: Rectangle,
    outer: { width: number; height: number },
  ): boolean {
    const odd = [x, y, width, height].some((length) => length % 2 !== 0 || length < 0);
    return odd || x + width > outer.width || y + height > outer.height;
  }

  /** Rounding to even may start one pixel before the region. */
  function within(inner: Rectangle, outer: Rectangle): boolean {
    return (
      inner.x >= outer.x - 1 &&
      inner.y >= outer.y - 1 &&
      inner.x + inner.width <= outer.x + outer.width &&
      inner.y + inner.height <= outer.y + outer.height
    );
  }

  /**
   * Letterbox: one side fills the region and the other is in proportion; crop: all of the region is filled from a part
   * of its shape. Each rounding costs less than two pixels.
   */
  function shapeOff(
    { source, destination }: Tile,
    policy: FitPolicy,
    input: { width: number; height: number },
    outer: Rectangle,
  ): boolean {
    const [shape, inside, around] =
      policy === 'letterbox' ? [input, destination, outer] : [outer, source, { x: 0, y: 0, ...input }];
    if (policy === 'crop' && (outer.width - destination.width > 1 || outer.height - destination.height > 1)) {
      return true;
    }
    const [across, down] = [around.width - inside.width, around.height - inside.height];
    if (Math.min(across, down) >= 2 + Math.max(shape.width / shape.height, shape.height / shape.width))
      return true;
    const expectedWidth = Math.min(around.width, (shape.width * around.height) / shape.height);
    const expectedHeight = Math.min(around.height, (shape.height * around.width) / shape.width);
    const offCentre = Math.abs(inside.x - around.x - (around.width - expectedWidth) / 2);
    const offMiddle = Math.abs(inside.y - around.y - (around.height - expectedHeight) / 2);
    return (
      expectedWidth - inside.width >= 3 ||
      expectedHeight - inside.height >= 3 ||
      inside.width > expectedWidth ||
      inside.height > expectedHeight ||
      offCentre >= 3 ||
      offMiddle >= 3
    );
  }
});

/** A seeded generator (mulberry32): 0 to `bound` − 1. */
function dice(seed: number): (bound: number) => number {
  let state = seed;
  return (bound) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % bound;
  };
}
