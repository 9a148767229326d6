// Owns what every engine must do when it draws, as tests.
import { describe, expect, it } from 'vitest';
import type { VideoFormat } from '../../../schemas/media.ts';
import type { EncodedUnit } from '../engine.ts';
import { lumaAt, ScriptedEye, type Seen } from '../scripted-eye.ts';
import { type ScriptedBench, soon } from './scripted-bench.ts';
import { black, plain, small, white, whole } from './scripted-pictures.ts';

export function drawingConformance(bench: ScriptedBench, formats: readonly VideoFormat[]): void {
  describe('the canvas', () => {
    const size = { width: 128, height: 96 };
    const tile = (x: number, y: number, width: number, height: number) => ({
      source: whole(small),
      destination: { x, y, width, height },
    });
    const near = (seen: Seen, x: number, y: number, luma: number): void =>
      expect(Math.abs(lumaAt(seen, x, y) - luma), `${x},${y}`).toBeLessThan(6);

    it('shows its background where nothing is drawn, also another one', async () => {
      const canvas = bench.session.canvas({ size, background: white });
      near(await bench.look(canvas), 5, 5, 235);
      canvas.compose([]);
      near(await bench.look(canvas), 100, 90, 235);
      canvas.setBackground(black);
      canvas.compose([]);
      near(await bench.look(canvas), 100, 90, 16);
    });

    it('draws layers where they are told to be, later ones above', async () => {
      const canvas = bench.session.canvas({ size, background: black });
      const [dark, light] = [
        bench.session.still(small, plain(small, 80)),
        bench.session.still(small, plain(small, 200)),
      ];
      canvas.compose([
        { picture: dark, tile: tile(0, 0, 64, 48) },
        { picture: light, tile: tile(32, 32, 64, 48) },
      ]);
      let seen = await bench.look(canvas);
      near(seen, 8, 8, 80);
      near(seen, 40, 40, 200);
      near(seen, 88, 72, 200);
      near(seen, 104, 88, 16);
      near(seen, 88, 8, 16);
      canvas.compose([
        { picture: light, tile: tile(32, 32, 64, 48) },
        { picture: dark, tile: tile(0, 0, 64, 48) },
      ]);
      seen = await bench.look(canvas);
      near(seen, 40, 40, 80);
      near(seen, 88, 72, 200);
      // What moved away leaves background behind.
      canvas.compose([{ picture: light, tile: tile(64, 0, 64, 48) }]);
      seen = await bench.look(canvas);
      near(seen, 8, 8, 16);
      near(seen, 88, 72, 16);
      near(seen, 96, 24, 200);
    });

    it('draws the part of a picture that it is told to', async () => {
      const canvas = bench.session.canvas({ size, background: black });
      const packed = plain(small, 60);
      for (let y = 0; y < small.height; y++) {
        packed.fill(190, y * small.width + small.width / 2, (y + 1) * small.width);
      }
      const picture = bench.session.still(small, packed);
      const part = (x: number) => ({
        source: { x, y: 0, width: small.width / 2, height: small.height },
        destination: whole(size),
      });
      canvas.compose([{ picture, tile: part(small.width / 2) }]);
      near(await bench.look(canvas), 8, 50, 190);
      canvas.compose([{ picture, tile: part(0) }]);
      near(await bench.look(canvas), 120, 50, 60);
    });

    it('leaves out layers without a picture, and pictures that are smaller than what is to be drawn', async () => {
      const canvas = bench.session.canvas({ size, background: black });
      const [format = { codec: 'h264' }] = formats;
      const tiny = bench.session.still({ width: 32, height: 32 }, plain({ width: 32, height: 32 }, 220));
      const gone = bench.session.still(small, plain(small, 220));
      gone.close();
      canvas.compose([
        { picture: bench.session.still(small, plain(small, 150)), tile: tile(64, 48, 64, 48) },
        { picture: bench.decoder(format).decoder, tile: tile(0, 0, 64, 48) },
        { picture: tiny, tile: tile(0, 0, 64, 48) },
        { picture: gone, tile: tile(0, 0, 64, 48) },
      ]);
      const seen = await bench.look(canvas);
      near(seen, 20, 20, 16);
      near(seen, 90, 70, 150);
    });

    it('follows the pictures of a decoder, beside one that stands still', async () => {
      const [format = { codec: 'h264' }] = formats;
      const canvas = bench.session.canvas({ size, background: black });
      const pictures = [50, 120, 210].map((luma) => plain(small, luma));
      const units = await bench.encodeClip(format, pictures);
      const { decoder: tested, pictured } = bench.decoder(format);
      const still = bench.session.still(small, plain(small, 160));
      for (const [index, { data, key }] of units.entries()) {
        tested.decode({ data, key, timestamp: index });
        await soon(() => expect(pictured).toHaveBeenLastCalledWith(index));
        canvas.compose([
          { picture: tested, tile: tile(0, 0, 64, 96) },
          { picture: still, tile: tile(64, 0, 64, 96) },
        ]);
        const seen = await bench.look(canvas);
        near(seen, 30, 40, [50, 120, 210][index] ?? 0);
        near(seen, 90, 40, 160);
      }
    });

    it('is read by several encoders, which come and go', async () => {
      const canvas = bench.session.canvas({ size: small, background: black });
      let seen: Seen[] = [];
      const open = (format: VideoFormat) => {
        const eye = new ScriptedEye(bench.reference, format);
        const encoded = ({ data }: EncodedUnit): void => void seen.push(eye.see(data));
        return bench.session.encoder({ format, size: small, framerate: 30, bitrateKbps: 5000, encoded });
      };
      let encoders = [...formats, ...formats].map(open);
      for (const luma of [70, 140, 210, 30]) {
        seen = [];
        bench.draw(canvas, bench.session.still(small, plain(small, luma)));
        for (const encoder of encoders) encoder.encode(canvas, { atMs: luma, key: false });
        await soon(() => expect(seen.length).toBe(encoders.length));
        for (const each of seen) near(each, 50, 50, luma);
        const [first, ...others] = encoders;
        first?.close();
        encoders = [...others, ...formats.slice(0, 1).map(open)];
        near(await bench.look(canvas), 50, 50, luma);
      }
    });
  });
}
