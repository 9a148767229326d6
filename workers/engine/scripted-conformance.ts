// Owns what every engine must do, as tests: run it with each of them. Looks only at what is encoded, for pictures never
// leave a session; results may come at any time after the call.
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Resolution, VideoFormat } from '../../schemas/media.ts';
import { yuvOf } from '../../wasm/compositor.ts';
import { clip } from '../../wasm/scripted-clip.ts';
import { freshVideo } from '../../wasm/scripted-modules.ts';
import type { Video } from '../../wasm/video.ts';
import type {
  Colour,
  EncodedUnit,
  EngineSession,
  MediaEngine,
  Still,
  TapOptions,
  VideoCanvas,
  VideoDecoder,
} from './engine.ts';
import type { Rectangle } from './rectangles.ts';
import { lumaAt, psnr, ScriptedEye, type Seen } from './scripted-eye.ts';

const black = { r: 0, g: 0, b: 0 };
const white = { r: 255, g: 255, b: 255 };
const small: Resolution = { width: 160, height: 96 };
const rates = { framerate: 30, bitrateKbps: 1000 };

const whole = ({ width, height }: Resolution): Rectangle => ({ x: 0, y: 0, width, height });

/** Results may come later; looks often, for there are hundreds. */
const soon = (check: () => void): Promise<void> => vi.waitFor(check, { interval: 2, timeout: 10_000 });

function plain({ width, height }: Resolution, luma: number): Uint8Array {
  return new Uint8Array((width * height * 3) / 2).fill(128).fill(luma, 0, width * height);
}

/** The luma of a colour in full range. */
function grayOf(colour: Colour): number {
  return ((yuvOf(colour).y - 16) * 255) / 219;
}

/** One colour on the left, another on the right. */
function halves({ width, height }: Resolution, colours: readonly [Colour, Colour]): Uint8Array {
  const [left, right] = [yuvOf(colours[0]), yuvOf(colours[1])];
  const rows = (columns: number, count: number, plane: 'y' | 'u' | 'v'): number[] =>
    Array.from({ length: columns * count }, (_, at) => (at % columns < columns / 2 ? left : right)[plane]);
  return Uint8Array.from([
    ...rows(width, height, 'y'),
    ...rows(width / 2, height / 2, 'u'),
    ...rows(width / 2, height / 2, 'v'),
  ]);
}

/** Everything that `makeEngine`'s engines must do. Formats come from their capabilities. */
export function engineConformance(
  name: string,
  formats: readonly VideoFormat[],
  makeEngine: () => Promise<MediaEngine>,
): void {
  describe(`${name} as an engine`, () => {
    let engine: MediaEngine;
    let session: EngineSession;
    let reference: Video;
    const failed = vi.fn<(reason: string) => void>();

    beforeEach(async () => {
      failed.mockReset();
      engine = await makeEngine();
      session = await engine.open(failed);
      reference = await freshVideo();
    });

    afterEach(() => {
      session.close();
      expect(failed).not.toHaveBeenCalled();
    });

    /** Encodes so many pictures of what `draw` draws, and waits for them. */
    async function encode(
      options: {
        format: VideoFormat;
        size?: Resolution;
        count: number;
        bitrateKbps?: number;
        keyAt?: number;
      },
      each: (index: number, canvas: VideoCanvas) => void,
      between?: (index: number, encoder: { setRate: (rate: typeof rates) => void }) => void,
    ): Promise<EncodedUnit[]> {
      const { format, size = small, count, bitrateKbps = 1000, keyAt } = options;
      const units: EncodedUnit[] = [];
      const canvas = session.canvas({ size, background: black });
      const encoder = session.encoder({
        format,
        size,
        framerate: 30,
        bitrateKbps,
        encoded: (unit) => units.push(unit),
      });
      for (let index = 0; index < count; index++) {
        each(index, canvas);
        between?.(index, encoder);
        encoder.encode(canvas, { atMs: 1000 + index * 33, key: index === keyAt });
        await soon(() => expect(units.length).toBe(index + 1));
      }
      encoder.close();
      canvas.close();
      return units;
    }

    const draw = (canvas: VideoCanvas, picture: Still | VideoDecoder): void => {
      const { size } = picture;
      if (size === undefined) throw new Error('nothing to draw');
      canvas.compose([{ picture, tile: { source: whole(size), destination: whole(canvas.size) } }]);
    };

    async function encodeClip(format: VideoFormat, pictures: readonly Uint8Array[]): Promise<EncodedUnit[]> {
      return encode({ format, count: pictures.length }, (index, canvas) => {
        const still = session.still(small, pictures[index] ?? new Uint8Array());
        draw(canvas, still);
        still.close();
      });
    }

    /** What is on the canvas, by way of an encoder at a high rate. */
    async function look(canvas: VideoCanvas): Promise<Seen> {
      const units: EncodedUnit[] = [];
      const [format = { codec: 'h264' }] = formats;
      const encoder = session.encoder({
        format,
        size: canvas.size,
        framerate: 30,
        bitrateKbps: 50_000,
        encoded: (unit) => units.push(unit),
      });
      encoder.encode(canvas, { atMs: 1, key: true });
      await soon(() => expect(units.length).toBe(1));
      encoder.close();
      return new ScriptedEye(reference, format).see(units[0]?.data ?? new Uint8Array());
    }

    function decoder(format: VideoFormat) {
      const pictured = vi.fn<(timestamp: number) => void>();
      const broken = vi.fn<() => void>();
      return { pictured, broken, decoder: session.decoder({ format, pictured, broken }) };
    }

    describe.each(formats)('$codec', (format) => {
      it('encodes pictures that look like what was drawn, the first a key frame', async () => {
        const pictures = clip(small.width, small.height, 8);
        const units = await encodeClip(format, pictures);
        expect(units.map(({ key }) => key)).toEqual([true, ...Array<boolean>(7).fill(false)]);
        expect(units.map(({ atMs }) => atMs)).toEqual(pictures.map((_, index) => 1000 + index * 33));
        const eye = new ScriptedEye(reference, format);
        for (const [index, { data }] of units.entries()) {
          const { packed } = eye.see(data);
          expect(psnr(packed, pictures[index] ?? packed)).toBeGreaterThan(28);
        }
      });

      it('decodes what was encoded, and tells which picture it has', async () => {
        const units = await encodeClip(format, clip(small.width, small.height, 8));
        const eye = new ScriptedEye(reference, format);
        const { decoder: tested, pictured, broken } = decoder(format);
        expect(tested.size).toBeUndefined();
        const canvas = session.canvas({ size: small, background: black });
        for (const [index, { data, key }] of units.entries()) {
          const wanted = eye.see(data);
          tested.decode({ data, key, timestamp: 5000 + index });
          await soon(() => expect(pictured).toHaveBeenLastCalledWith(5000 + index));
          expect(tested.size).toMatchObject(small);
          draw(canvas, tested);
          expect(psnr((await look(canvas)).packed, wanted.packed)).toBeGreaterThan(34);
        }
        expect(pictured).toHaveBeenCalledTimes(8);
        expect(broken).not.toHaveBeenCalled();
      });

      it('makes a key frame when told to, from which another decoder can begin', async () => {
        const still = session.still(small, clip(small.width, small.height, 1)[0] ?? new Uint8Array());
        const units = await encode({ format, count: 6, keyAt: 4 }, (_index, canvas) => draw(canvas, still));
        expect(units.map(({ key }) => key)).toEqual([true, false, false, false, true, false]);
        const eye = new ScriptedEye(reference, format);
        for (const { data } of units.slice(4)) expect(eye.see(data)).toMatchObject(small);
      });

      it('follows a new rate', async () => {
        const stills = clip(small.width, small.height, 60).map((packed) => session.still(small, packed));
        const units = await encode(
          { format, count: 60, bitrateKbps: 1500 },
          (index, canvas) => {
            const still = stills[index];
            if (still !== undefined) draw(canvas, still);
          },
          (index, encoder) => {
            if (index === 30) encoder.setRate({ framerate: 30, bitrateKbps: 150 });
          },
        );
        const bytes = (from: number, to: number): number =>
          units.slice(from, to).reduce((sum, { data }) => sum + data.length, 0);
        expect(bytes(45, 60)).toBeLessThan(bytes(15, 30) / 2);
      });

      it.each([
        { width: 16, height: 16 },
        { width: 322, height: 182 },
        { width: 1280, height: 720 },
      ])('makes pictures of $width×$height', async (size) => {
        const still = session.still(small, plain(small, 170));
        const units = await encode({ format, size, count: 2 }, (_index, canvas) => draw(canvas, still));
        const eye = new ScriptedEye(reference, format);
        const seen = units.map(({ data }) => eye.see(data)).at(-1);
        expect(seen).toMatchObject(size);
        expect(seen && lumaAt(seen, size.width - 1, size.height - 1)).toBeCloseTo(170, -1);
      });

      it('calls what it cannot decode broken, and goes on with a key frame', async () => {
        const units = await encodeClip(format, clip(small.width, small.height, 4));
        const { decoder: tested, pictured, broken } = decoder(format);
        const give = (index: number, damage?: (data: Uint8Array) => Uint8Array): void => {
          const { data, key } = units[index] ?? { data: new Uint8Array(), key: false };
          tested.decode({ data: damage ? damage(data) : data, key, timestamp: index });
        };
        give(1);
        await soon(() => expect(broken).toHaveBeenCalledTimes(1));
        tested.decode({ data: new Uint8Array(300).fill(0xa5), key: true, timestamp: 9 });
        await soon(() => expect(broken).toHaveBeenCalledTimes(2));
        give(2);
        await soon(() => expect(broken).toHaveBeenCalledTimes(3));
        expect(pictured).not.toHaveBeenCalled();
        give(0);
        give(1);
        await soon(() => expect(pictured.mock.calls).toEqual([[0], [1]]));
        expect(broken).toHaveBeenCalledTimes(3);
      });

      it('takes any bytes for a frame', async () => {
        const { decoder: tested } = decoder(format);
        for (let length = 0; length < 200; length++) {
          const data = Uint8Array.from({ length }, (_, at) => (at * 37 + length * 11) & 255);
          tested.decode({ data, key: length % 3 === 0, timestamp: length });
        }
        await soon(() => expect(session.backlog).toBe(0));
      });

      it('opens and closes without end', { timeout: 60_000 }, async () => {
        // Were they kept, 250 would take more than the 2 GB that there are.
        const size = { width: 1280, height: 720 };
        for (let round = 0; round < 250; round++) {
          const canvas = session.canvas({ size, background: black });
          const still = session.still(size, plain(size, 100));
          const { decoder: tested } = decoder(format);
          const encoder = session.encoder({ format, size, ...rates, encoded: () => {} });
          for (const each of [canvas, still, tested, encoder]) each.close();
          await soon(() => expect(session.backlog).toBe(0));
        }
        const still = session.still(small, plain(small, 99));
        const units = await encode({ format, count: 1 }, (_index, canvas) => draw(canvas, still));
        expect(units.length).toBe(1);
      });

      it('closes twice, and does nothing afterwards', async () => {
        const units = await encodeClip(format, clip(small.width, small.height, 1));
        const { decoder: tested, pictured, broken } = decoder(format);
        const encoded = vi.fn();
        const canvas = session.canvas({ size: small, background: black });
        const still = session.still(small, plain(small, 80));
        const encoder = session.encoder({ format, size: small, ...rates, encoded });
        for (const each of [tested, encoder, still, tested, encoder, still]) each.close();
        tested.decode({ data: units[0]?.data ?? new Uint8Array(), key: true, timestamp: 1 });
        encoder.encode(canvas, { atMs: 1, key: true });
        encoder.setRate(rates);
        canvas.compose([{ picture: still, tile: { source: whole(small), destination: whole(small) } }]);
        canvas.close();
        canvas.close();
        canvas.compose([]);
        session.close();
        session.close();
        canvas.setBackground(white);
        session.decoder({ format, pictured, broken }).decode({
          data: units[0]?.data ?? new Uint8Array(),
          key: true,
          timestamp: 2,
        });
        session.encoder({ format, size: small, ...rates, encoded }).encode(canvas, { atMs: 2, key: true });
        expect(tested.size).toBeUndefined();
        for (const callback of [pictured, broken, encoded]) expect(callback).not.toHaveBeenCalled();
      });
    });

    describe('the canvas', () => {
      const size = { width: 128, height: 96 };
      const tile = (x: number, y: number, width: number, height: number) => ({
        source: whole(small),
        destination: { x, y, width, height },
      });
      const near = (seen: Seen, x: number, y: number, luma: number): void =>
        expect(Math.abs(lumaAt(seen, x, y) - luma), `${x},${y}`).toBeLessThan(6);

      it('shows its background where nothing is drawn, also another one', async () => {
        const canvas = session.canvas({ size, background: white });
        near(await look(canvas), 5, 5, 235);
        canvas.compose([]);
        near(await look(canvas), 100, 90, 235);
        canvas.setBackground(black);
        canvas.compose([]);
        near(await look(canvas), 100, 90, 16);
      });

      it('draws layers where they are told to be, later ones above', async () => {
        const canvas = session.canvas({ size, background: black });
        const [dark, light] = [
          session.still(small, plain(small, 80)),
          session.still(small, plain(small, 200)),
        ];
        canvas.compose([
          { picture: dark, tile: tile(0, 0, 64, 48) },
          { picture: light, tile: tile(32, 32, 64, 48) },
        ]);
        let seen = await look(canvas);
        near(seen, 8, 8, 80);
        near(seen, 40, 40, 200);
        near(seen, 88, 72, 200);
        near(seen, 104, 88, 16);
        near(seen, 88, 8, 16);
        canvas.compose([
          { picture: light, tile: tile(32, 32, 64, 48) },
          { picture: dark, tile: tile(0, 0, 64, 48) },
        ]);
        seen = await look(canvas);
        near(seen, 40, 40, 80);
        near(seen, 88, 72, 200);
        // What moved away leaves background behind.
        canvas.compose([{ picture: light, tile: tile(64, 0, 64, 48) }]);
        seen = await look(canvas);
        near(seen, 8, 8, 16);
        near(seen, 88, 72, 16);
        near(seen, 96, 24, 200);
      });

      it('draws the part of a picture that it is told to', async () => {
        const canvas = session.canvas({ size, background: black });
        const packed = plain(small, 60);
        for (let y = 0; y < small.height; y++) {
          packed.fill(190, y * small.width + small.width / 2, (y + 1) * small.width);
        }
        const picture = session.still(small, packed);
        const part = (x: number) => ({
          source: { x, y: 0, width: small.width / 2, height: small.height },
          destination: whole(size),
        });
        canvas.compose([{ picture, tile: part(small.width / 2) }]);
        near(await look(canvas), 8, 50, 190);
        canvas.compose([{ picture, tile: part(0) }]);
        near(await look(canvas), 120, 50, 60);
      });

      it('leaves out layers without a picture, and pictures that are smaller than what is to be drawn', async () => {
        const canvas = session.canvas({ size, background: black });
        const [format = { codec: 'h264' }] = formats;
        const tiny = session.still({ width: 32, height: 32 }, plain({ width: 32, height: 32 }, 220));
        const gone = session.still(small, plain(small, 220));
        gone.close();
        canvas.compose([
          { picture: session.still(small, plain(small, 150)), tile: tile(64, 48, 64, 48) },
          { picture: decoder(format).decoder, tile: tile(0, 0, 64, 48) },
          { picture: tiny, tile: tile(0, 0, 64, 48) },
          { picture: gone, tile: tile(0, 0, 64, 48) },
        ]);
        const seen = await look(canvas);
        near(seen, 20, 20, 16);
        near(seen, 90, 70, 150);
      });

      it('follows the pictures of a decoder, beside one that stands still', async () => {
        const [format = { codec: 'h264' }] = formats;
        const canvas = session.canvas({ size, background: black });
        const pictures = [50, 120, 210].map((luma) => plain(small, luma));
        const units = await encodeClip(format, pictures);
        const { decoder: tested, pictured } = decoder(format);
        const still = session.still(small, plain(small, 160));
        for (const [index, { data, key }] of units.entries()) {
          tested.decode({ data, key, timestamp: index });
          await soon(() => expect(pictured).toHaveBeenLastCalledWith(index));
          canvas.compose([
            { picture: tested, tile: tile(0, 0, 64, 96) },
            { picture: still, tile: tile(64, 0, 64, 96) },
          ]);
          const seen = await look(canvas);
          near(seen, 30, 40, [50, 120, 210][index] ?? 0);
          near(seen, 90, 40, 160);
        }
      });

      it('is read by several encoders, which come and go', async () => {
        const canvas = session.canvas({ size: small, background: black });
        let seen: Seen[] = [];
        const open = (format: VideoFormat) => {
          const eye = new ScriptedEye(reference, format);
          const encoded = ({ data }: EncodedUnit): void => void seen.push(eye.see(data));
          return session.encoder({ format, size: small, framerate: 30, bitrateKbps: 5000, encoded });
        };
        let encoders = [...formats, ...formats].map(open);
        for (const luma of [70, 140, 210, 30]) {
          seen = [];
          draw(canvas, session.still(small, plain(small, luma)));
          for (const encoder of encoders) encoder.encode(canvas, { atMs: luma, key: false });
          await soon(() => expect(seen.length).toBe(encoders.length));
          for (const each of seen) near(each, 50, 50, luma);
          const [first, ...others] = encoders;
          first?.close();
          encoders = [...others, ...formats.slice(0, 1).map(open)];
          near(await look(canvas), 50, 50, luma);
        }
      });
    });

    describe('the tap', () => {
      const red = { r: 255, g: 0, b: 0 };
      const teal = { r: 20, g: 140, b: 130 };
      type Tappable = VideoDecoder | Still | VideoCanvas;

      async function tap(
        picture: Tappable,
        options: Partial<Pick<TapOptions, 'size' | 'pixels'>> = {},
      ): Promise<Uint8Array | undefined> {
        const tapped = vi.fn<TapOptions['tapped']>();
        session.tap(picture, { size: { width: 64, height: 32 }, pixels: 'rgb', ...options, tapped });
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
        const still = session.still(small, halves(small, [colour, colour]));
        expectPixel(await tap(still, { size }), size, [0.5, 0.5], [colour.r, colour.g, colour.b]);
      });

      it.each([16, 60, 126, 200, 235])('gives luma %i stretched to full range as gray', async (luma) => {
        const size = { width: 32, height: 32 };
        const data = await tap(session.still(small, plain(small, luma)), { size, pixels: 'gray' });
        const wanted = ((luma - 16) * 255) / 219;
        expect(data?.length).toBe(size.width * size.height);
        expect(data?.every((value) => Math.abs(value - wanted) < 3)).toBe(true);
      });

      it.each([
        { width: 16, height: 16 },
        { width: 90, height: 34 },
        { width: 320, height: 180 },
        { width: 1024, height: 1024 },
      ])('stretches the whole picture to $width×$height', async (size) => {
        const data = await tap(session.still(small, halves(small, [red, teal])), { size });
        for (const y of [0.02, 0.98]) {
          expectPixel(data, size, [0.1, y], [red.r, red.g, red.b]);
          expectPixel(data, size, [0.9, y], [teal.r, teal.g, teal.b]);
        }
      });

      it('gives what a canvas shows at that moment', async () => {
        const size = { width: 64, height: 32 };
        const canvas = session.canvas({ size: { width: 640, height: 360 }, background: teal });
        const still = session.still(small, halves(small, [red, red]));
        const seen: (Uint8Array | undefined)[] = [];
        const look = (): void =>
          session.tap(canvas, { size, pixels: 'rgb', tapped: (data) => seen.push(data) });
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
        const units = await encodeClip(format, pictures);
        const { decoder: tested, pictured } = decoder(format);
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
        const still = session.still(small, plain(small, 100));
        for (const side of [0, 14, 17, 1026, 1e9, -64, NaN]) {
          expect(await tap(still, { size: { width: side, height: 64 } })).toBeUndefined();
          expect(await tap(still, { size: { width: 64, height: side } })).toBeUndefined();
        }
        const canvas = session.canvas({ size: small, background: black });
        for (const each of [still, canvas]) {
          expect(await tap(each)).toBeInstanceOf(Uint8Array);
          each.close();
          expect(await tap(each)).toBeUndefined();
        }
      });

      it('knows only its own session', async () => {
        const other = await engine.open(failed);
        expect(await tap(other.still(small, plain(small, 100)))).toBeUndefined();
        other.close();
      });

      it('gives each its own, however many ask', async () => {
        const seen: number[] = [];
        const size = { width: 16, height: 16 };
        for (let index = 0; index < 40; index++) {
          const still = session.still(small, plain(small, 20 + 5 * index));
          session.tap(still, { size, pixels: 'gray', tapped: (data) => seen.push(data?.[0] ?? NaN) });
          still.close();
        }
        await soon(() => expect(seen.length).toBe(40));
        for (const [index, gray] of seen.entries()) {
          expect(Math.abs(gray - ((4 + 5 * index) * 255) / 219)).toBeLessThan(3);
        }
      });

      it('gives nothing once its session has ended', async () => {
        const tapped = vi.fn();
        const still = session.still(small, plain(small, 100));
        session.close();
        session.tap(still, { size: small, pixels: 'rgb', tapped });
        const other = await engine.open(failed);
        await new Promise<void>((resolve) => {
          const options = { size: small, pixels: 'gray', tapped: () => resolve() } as const;
          other.tap(other.still(small, plain(small, 100)), options);
        });
        other.close();
        expect(tapped).not.toHaveBeenCalled();
      });
    });
  });
}
