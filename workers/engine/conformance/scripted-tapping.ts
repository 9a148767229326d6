// Owns what every engine must do when its pictures are tapped, as tests.
import { describe, expect, it, vi } from 'vitest';
import type { Resolution, VideoFormat } from '../../../schemas/media.ts';
import type { Still, TapOptions, VideoCanvas, VideoDecoder } from '../engine.ts';
import { type ScriptedBench, soon } from './scripted-bench.ts';
import { black, grayOf, halves, plain, small, white, whole } from './scripted-pictures.ts';

export function tappingConformance(bench: ScriptedBench, formats: readonly VideoFormat[]): void {
  describe('the tap', () => {
    const red = { r: 255, g: 0, b: 0 };
    const teal = { r: 20, g: 140, b: 130 };
    type Tappable = VideoDecoder | Still | VideoCanvas;

    async function tap(
      picture: Tappable,
      options: Partial<Pick<TapOptions, 'size' | 'pixels'>> = {},
    ): Promise<Uint8Array | undefined> {
      const tapped = vi.fn<TapOptions['tapped']>();
      bench.session.tap(picture, { size: { width: 64, height: 32 }, pixels: 'rgb', ...options, tapped });
      await soon(() => expect(tapped).toHaveBeenCalledTimes(1));
      return tapped.mock.calls[0]?.[0];
    }

    /** The values of the pixel at this share of width and height are about these. */
    function expectPixel(
      data: Uint8Array | undefined,
      { width, height }: Resolution,
      [x, y]: readonly [number, number],
      wanted: readonly number[],
    ): void {
      const at = (Math.floor(y * height) * width + Math.floor(x * width)) * wanted.length;
      expect(data?.length).toBe(width * height * wanted.length);
      for (const [index, value] of wanted.entries()) {
        expect(Math.abs((data?.[at + index] ?? NaN) - value), `${index} at ${x},${y}`).toBeLessThan(13);
      }
    }

    it.each([
      ['black', black],
      ['white', white],
      ['red', red],
      ['green', { r: 0, g: 255, b: 0 }],
      ['blue', { r: 0, g: 0, b: 255 }],
      ['teal', teal],
    ])('gives %s in full range, understood as BT.601', async (_name, colour) => {
      const size = { width: 32, height: 32 };
      const still = bench.session.still(small, halves(small, [colour, colour]));
      expectPixel(await tap(still, { size }), size, [0.5, 0.5], [colour.r, colour.g, colour.b]);
    });

    it.each([16, 60, 101, 126, 200, 234, 235])(
      'gives luma %i stretched to full range as gray',
      async (luma) => {
        const size = { width: 32, height: 32 };
        const data = await tap(bench.session.still(small, plain(small, luma)), { size, pixels: 'gray' });
        const wanted = ((luma - 16) * 255) / 219;
        expect(data?.length).toBe(size.width * size.height);
        expect(data?.every((value) => Math.abs(value - wanted) < 2)).toBe(true);
      },
    );

    it.each([
      { width: 16, height: 16 },
      { width: 90, height: 34 },
      { width: 320, height: 180 },
      { width: 1024, height: 1024 },
    ])('stretches the whole picture to $width×$height', async (size) => {
      const data = await tap(bench.session.still(small, halves(small, [red, teal])), { size });
      for (const y of [0.02, 0.98]) {
        expectPixel(data, size, [0.1, y], [red.r, red.g, red.b]);
        expectPixel(data, size, [0.9, y], [teal.r, teal.g, teal.b]);
      }
    });

    it('gives what a canvas shows at that moment', async () => {
      const size = { width: 64, height: 32 };
      const canvas = bench.session.canvas({ size: { width: 640, height: 360 }, background: teal });
      const still = bench.session.still(small, halves(small, [red, red]));
      const seen: (Uint8Array | undefined)[] = [];
      const look = (): void =>
        bench.session.tap(canvas, { size, pixels: 'rgb', tapped: (data) => seen.push(data) });
      look();
      canvas.compose([
        {
          picture: still,
          tile: { source: whole(small), destination: { x: 320, y: 0, width: 320, height: 360 } },
        },
      ]);
      look();
      canvas.compose([]);
      await soon(() => expect(seen.length).toBe(2));
      expectPixel(seen[0], size, [0.75, 0.5], [teal.r, teal.g, teal.b]);
      expectPixel(seen[1], size, [0.25, 0.5], [teal.r, teal.g, teal.b]);
      expectPixel(seen[1], size, [0.75, 0.5], [red.r, red.g, red.b]);
    });

    it.each(formats)("gives a decoder's latest picture ($codec)", async (format) => {
      const size = { width: 64, height: 32 };
      const pictures = [halves(small, [red, teal]), halves(small, [teal, red])];
      const units = await bench.encodeClip(format, pictures);
      const { decoder: tested, pictured } = bench.decoder(format);
      expect(await tap(tested)).toBeUndefined();
      for (const [index, { data, key }] of units.entries()) {
        tested.decode({ data, key, timestamp: index });
        await soon(() => expect(pictured).toHaveBeenLastCalledWith(index));
        const [left] = [red, teal].slice(index);
        expectPixel(await tap(tested, { size, pixels: 'gray' }), size, [0.2, 0.5], [grayOf(left ?? red)]);
      }
      tested.close();
      expect(await tap(tested)).toBeUndefined();
    });

    it('gives nothing of what is closed, nor in sizes that there are not', async () => {
      const still = bench.session.still(small, plain(small, 100));
      for (const side of [0, 14, 17, 1026, 1e9, -64, NaN]) {
        expect(await tap(still, { size: { width: side, height: 64 } })).toBeUndefined();
        expect(await tap(still, { size: { width: 64, height: side } })).toBeUndefined();
      }
      const canvas = bench.session.canvas({ size: small, background: black });
      for (const each of [still, canvas]) {
        expect(await tap(each)).toBeInstanceOf(Uint8Array);
        each.close();
        expect(await tap(each)).toBeUndefined();
      }
    });

    it('knows only its own session', async () => {
      const other = await bench.engine.open(bench.failed);
      expect(await tap(other.still(small, plain(small, 100)))).toBeUndefined();
      other.close();
    });

    it('gives each its own, however many ask', async () => {
      const seen: number[] = [];
      const size = { width: 16, height: 16 };
      for (let index = 0; index < 40; index++) {
        const still = bench.session.still(small, plain(small, 20 + 5 * index));
        bench.session.tap(still, { size, pixels: 'gray', tapped: (data) => seen.push(data?.[0] ?? NaN) });
        still.close();
      }
      await soon(() => expect(seen.length).toBe(40));
      for (const [index, gray] of seen.entries()) {
        expect(Math.abs(gray - ((4 + 5 * index) * 255) / 219)).toBeLessThan(2);
      }
    });

    it('gives nothing once its session has ended', async () => {
      const tapped = vi.fn();
      const still = bench.session.still(small, plain(small, 100));
      bench.session.close();
      bench.session.tap(still, { size: small, pixels: 'rgb', tapped });
      const other = await bench.engine.open(bench.failed);
      await new Promise<void>((resolve) => {
        const options = { size: small, pixels: 'gray', tapped: () => resolve() } as const;
        other.tap(other.still(small, plain(small, 100)), options);
      });
      other.close();
      expect(tapped).not.toHaveBeenCalled();
    });
  });
}
