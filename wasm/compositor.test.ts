import { beforeEach, expect, it } from 'vitest';
import { Compositor, yuvOf } from './compositor.ts';
import { type Canvas, copyPicture, pictureOf, writeCanvas } from './picture.ts';
import { picture } from './scripted-clip.ts';
import { describeBuilt, freshVideo } from './scripted-modules.ts';
import type { Video } from './video.ts';

describeBuilt('Compositor', () => {
  let video: Video;
  let compositor: Compositor;
  beforeEach(async () => {
    video = await freshVideo();
    compositor = new Compositor(video);
  });

  const whole = ({ width, height }: { width: number; height: number }) => ({ x: 0, y: 0, width, height });
  const contentOf = (canvas: Canvas): Uint8Array => copyPicture(video, pictureOf(canvas));

  function canvasWith(width: number, height: number, content?: Uint8Array): Canvas {
    const canvas = compositor.createCanvas(width, height);
    writeCanvas(video, canvas, content ?? new Uint8Array((width * height * 3) / 2));
    return canvas;
  }

  it('fills exactly the rectangle, in all three planes', () => {
    const canvas = canvasWith(32, 16);
    compositor.fill(canvas, { x: 4, y: 2, width: 6, height: 4 }, { y: 81, u: 90, v: 240 });
    const content = contentOf(canvas);
    const luma = (x: number, y: number): number => content[y * 32 + x]!;
    expect([luma(3, 2), luma(4, 1), luma(4, 2), luma(9, 5), luma(10, 5), luma(9, 6)]).toEqual([
      0, 0, 81, 81, 0, 0,
    ]);
    const painted = (from: number, count: number, value: number): number =>
      content.subarray(from, from + count).filter((v) => v === value).length;
    expect(painted(0, 512, 81)).toBe(24);
    expect(painted(512, 128, 90)).toBe(6);
    expect(painted(640, 128, 240)).toBe(6);
  });

  it('copies a picture of the same size unchanged', () => {
    const content = picture(64, 48, 0);
    const from = canvasWith(64, 48, content);
    const to = canvasWith(64, 48);
    compositor.copy(to, from);
    expect(contentOf(to)).toEqual(content);
  });

  it('crops, and leaves everything outside the target alone', () => {
    const content = picture(64, 48, 0);
    const from = pictureOf(canvasWith(64, 48, content));
    const to = canvasWith(64, 48);
    compositor.draw(to, { x: 10, y: 8, width: 20, height: 12 }, from, {
      x: 30,
      y: 20,
      width: 20,
      height: 12,
    });
    const drawn = contentOf(to);
    for (let y = 0; y < 48; y++) {
      for (let x = 0; x < 64; x++) {
        const inside = x >= 10 && x < 30 && y >= 8 && y < 20;
        expect(drawn[y * 64 + x]).toBe(inside ? content[(y + 12) * 64 + x + 20] : 0);
      }
    }
  });

  it.each([
    [64, 48, 96, 72],
    [64, 48, 48, 36],
    [64, 48, 32, 24],
    [128, 96, 34, 26],
    [640, 360, 158, 90],
    [64, 48, 16, 200],
    [200, 20, 18, 64],
    [320, 180, 426, 240],
    [62, 46, 1280, 720],
  ])('keeps a flat colour flat from %dx%d to %dx%d', (w, h, toW, toH) => {
    const from = canvasWith(w, h);
    compositor.fill(from, whole(from), { y: 173, u: 44, v: 211 });
    const to = canvasWith(toW, toH);
    compositor.copy(to, from);
    const size = toW * toH;
    const content = contentOf(to);
    expect(content.subarray(0, size).every((v) => v === 173)).toBe(true);
    expect(content.subarray(size, size * 1.25).every((v) => v === 44)).toBe(true);
    expect(content.subarray(size * 1.25).every((v) => v === 211)).toBe(true);
  });

  it.each([
    [64, 48, 96, 72],
    [96, 64, 64, 44],
    [64, 48, 64, 90],
    [64, 48, 100, 48],
  ])('agrees with bilinear interpolation in floating point from %dx%d to %dx%d', (w, h, toW, toH) => {
    const content = picture(w, h, 3);
    const to = canvasWith(toW, toH);
    compositor.copy(to, canvasWith(w, h, content));
    const drawn = contentOf(to);
    let worst = 0;
    for (let y = 0; y < toH; y++) {
      for (let x = 0; x < toW; x++) {
        worst = Math.max(worst, Math.abs(drawn[y * toW + x]! - bilinear(content, w, h, toW, toH, x, y)));
      }
    }
    // Weights have seven bits, and each direction rounds.
    expect(worst).toBeLessThan(3);
  });

  it('averages when it halves', () => {
    const content = picture(64, 48, 1);
    const to = canvasWith(32, 24);
    compositor.copy(to, canvasWith(64, 48, content));
    const drawn = contentOf(to);
    const at = (x: number, y: number): number => content[y * 64 + x]!;
    for (let y = 0; y < 24; y++) {
      for (let x = 0; x < 32; x++) {
        const sum = at(2 * x, 2 * y) + at(2 * x + 1, 2 * y) + at(2 * x, 2 * y + 1) + at(2 * x + 1, 2 * y + 1);
        expect(drawn[y * 32 + x]).toBe((sum + 2) >> 2);
      }
    }
  });

  it('keeps a bounded number of scalers', () => {
    const from = pictureOf(canvasWith(640, 360));
    const to = canvasWith(640, 360);
    const draw = (i: number): void => {
      const target = { x: 0, y: 0, width: 16 + 2 * (i % 300), height: 16 + 2 * (Math.floor(i / 300) % 150) };
      compositor.draw(to, target, from, whole(from));
    };
    for (let i = 0; i < 300; i++) draw(i);
    const before = video.memoryBytes;
    // All of these together would take more than 20 MB.
    for (let i = 300; i < 6000; i++) draw(i);
    expect(video.memoryBytes - before).toBeLessThan(2 * 1024 * 1024);
  });

  it('refuses rectangles that are odd or outside', () => {
    const canvas = canvasWith(64, 48);
    const from = pictureOf(canvas);
    const black = { y: 16, u: 128, v: 128 };
    for (const area of [
      { x: 1, y: 0, width: 2, height: 2 },
      { x: 0, y: 0, width: 66, height: 2 },
      { x: 0, y: -2, width: 2, height: 2 },
      { x: 0, y: 0, width: 0, height: 2 },
      { x: 0, y: 0, width: Number.NaN, height: 2 },
    ]) {
      expect(() => compositor.fill(canvas, area, black)).toThrow(RangeError);
      expect(() => compositor.draw(canvas, area, from, whole(from))).toThrow(RangeError);
      expect(() => compositor.draw(canvas, whole(canvas), from, area)).toThrow(RangeError);
    }
  });

  it('closes twice, and says so when used later', () => {
    const canvas = canvasWith(64, 48);
    compositor.close();
    compositor.close();
    expect(() => compositor.copy(canvas, canvas)).toThrow('Compositor is closed');
  });

  it('knows colours', () => {
    expect(yuvOf({ r: 0, g: 0, b: 0 })).toEqual({ y: 16, u: 128, v: 128 });
    expect(yuvOf({ r: 255, g: 255, b: 255 })).toEqual({ y: 235, u: 128, v: 128 });
    expect(yuvOf({ r: 255, g: 0, b: 0 })).toEqual({ y: 82, u: 90, v: 240 });
  });
});

/** The luma sample of the scaled picture, with sample centres in the middle of pixels and edges repeated. */
function bilinear(
  content: Uint8Array,
  w: number,
  h: number,
  toW: number,
  toH: number,
  x: number,
  y: number,
): number {
  const fx = Math.min(w - 1, Math.max(0, ((x + 0.5) * w) / toW - 0.5));
  const fy = Math.min(h - 1, Math.max(0, ((y + 0.5) * h) / toH - 0.5));
  const x0 = Math.floor(fx);
  const y0 = Math.floor(fy);
  const at = (column: number, row: number): number =>
    content[Math.min(h - 1, row) * w + Math.min(w - 1, column)]!;
  const top = at(x0, y0) * (1 - fx + x0) + at(x0 + 1, y0) * (fx - x0);
  const bottom = at(x0, y0 + 1) * (1 - fx + x0) + at(x0 + 1, y0 + 1) * (fx - x0);
  return top * (1 - fy + y0) + bottom * (fy - y0);
}
