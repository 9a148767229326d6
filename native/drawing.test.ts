import { afterEach, expect, it } from 'vitest';
import { describeNative, expectNothingLeft, layers, ScriptedSession } from './scripted-session.ts';

const [width, height] = [192, 128];
const [canvas, still] = [1, 2];

/** A still of that luma and those colours at each pixel, drawn over the whole of a canvas. */
interface Drawing {
  readonly luma: (x: number, y: number) => number;
  readonly blueness?: (x: number, y: number) => number;
  readonly source: readonly [number, number, number, number];
  readonly size: readonly [number, number];
}

describeNative('drawing smaller', (addon) => {
  afterEach(() => expectNothingLeft(addon));

  async function draw(drawing: Drawing, pixels: 'gray' | 'rgb'): Promise<Uint8Array> {
    const { luma, blueness = () => 128, source, size } = drawing;
    const packed = new Uint8Array((width * height * 3) / 2).fill(128);
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) packed[y * width + x] = luma(x, y);
    }
    const half = width / 2;
    for (let y = 0; y < height / 2; y++) {
      for (let x = 0; x < half; x++) packed[width * height + y * half + x] = blueness(2 * x, 2 * y);
    }
    const scripted = new ScriptedSession(addon);
    const { session } = scripted;
    session.openStill(still, width, height, packed);
    session.openCanvas(canvas, ...size);
    session.compose(canvas, 0x00ff00, layers({ picture: still, source, destination: [0, 0, ...size] }));
    session.tap(0, canvas, ...size, pixels);
    const { data = new Uint8Array() } = await scripted.until('tapped');
    await scripted.close();
    return data;
  }

  // One side that libyuv does, ours from just below the whole to just above the half, and odd numbers of groups of pixels.
  const sizes = [
    [192, 128],
    [190, 126],
    [160, 128],
    [128, 86],
    [106, 70],
    [98, 128],
    [96, 64],
  ] as const;

  it.each(sizes)('mixes neighbours by how near they are, at %i × %i', async (...size) => {
    const luma = (x: number, y: number): number => 16 + ((x * 37 + y * 59) % 200);
    const source = [0, 0, width, height] as const;
    const gray = await draw({ luma, source, size }, 'gray');
    let most = 0;
    for (let y = 0; y < size[1]; y++) {
      for (let x = 0; x < size[0]; x++) {
        const [left, right] = neighbours(x, size[0], width);
        const [upper, lower] = neighbours(y, size[1], height);
        const row = (at: number): number => luma(left.at, at) * left.share + luma(right.at, at) * right.share;
        const wanted = row(upper.at) * upper.share + row(lower.at) * lower.share;
        most = Math.max(most, Math.abs((gray[y * size[0] + x] ?? 0) - ((wanted - 16) * 255) / 219));
      }
    }
    expect(most).toBeLessThan(4);
  });

  it.each(sizes)('takes colours from the same place, at %i × %i', async (...size) => {
    const blueness = (x: number): number => 64 + (x * 128) / width;
    const source = [0, 0, width, height] as const;
    const rgb = await draw({ luma: () => 126, blueness, source, size }, 'rgb');
    const row = size[0] * 3 * (size[1] / 2);
    let most = 0;
    for (let x = 4; x < size[0] - 4; x++) {
      const wanted = 128 + 2.018 * (blueness(((x + 0.5) * width) / size[0] - 1) - 128);
      most = Math.max(most, Math.abs((rgb[row + 3 * x + 2] ?? 0) - wanted));
    }
    expect(most).toBeLessThan(6);
  });

  it.each(sizes)('takes nothing from beside the part that is drawn, at %i × %i', async (...size) => {
    const source = [16, 12, 160, 96] as const;
    const isInside = (x: number, y: number): boolean => x >= 16 && x < 176 && y >= 12 && y < 108;
    const scaled = [Math.min(160, size[0]), Math.min(96, size[1])] as const;
    const gray = await draw({ luma: (x, y) => (isInside(x, y) ? 16 : 235), source, size: scaled }, 'gray');
    expect(Math.max(...gray)).toBe(0);
  });
});

/** The pixels that a centre lies between, and how much of each there is. */
function neighbours(
  pixel: number,
  count: number,
  of: number,
): readonly [
  { readonly at: number; readonly share: number },
  { readonly at: number; readonly share: number },
] {
  const centre = Math.min(of - 1, Math.max(0, ((pixel + 0.5) * of) / count - 0.5));
  const at = Math.floor(centre);
  return [
    { at, share: 1 + at - centre },
    { at: Math.min(at + 1, of - 1), share: centre - at },
  ];
}
