// Owns what every engine must do, as tests: run it with each of them. Looks only at what is encoded, for pictures never
// leave a session; results may come at any time after the call.
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Resolution, VideoFormat } from '../../schemas/media.ts';
import { clip } from '../../wasm/scripted-clip.ts';
import { freshVideo } from '../../wasm/scripted-modules.ts';
import type { Video } from '../../wasm/video.ts';
import type { EncodedUnit, EngineSession, MediaEngine, Still, VideoCanvas, VideoDecoder } from './engine.ts';
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
  });
}
