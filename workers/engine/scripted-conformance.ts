// Owns what every engine must do, as tests: run it with each of them. Looks only at what is encoded and tapped, for pictures
// never leave a session. What is asked for in which work is in conformance/; here: that it all ends.
import { describe, expect, it, vi } from 'vitest';
import type { VideoFormat } from '../../schemas/media.ts';
import { clip } from '../../wasm/scripted-clip.ts';
import { decodingConformance } from './conformance/scripted-decoding.ts';
import { drawingConformance } from './conformance/scripted-drawing.ts';
import { encodingConformance } from './conformance/scripted-encoding.ts';
import { black, plain, small, white, whole } from './conformance/scripted-pictures.ts';
import { rates, ScriptedBench, soon } from './conformance/scripted-bench.ts';
import { tappingConformance } from './conformance/scripted-tapping.ts';
import type { MediaEngine } from './engine.ts';

/** Everything that `makeEngine`'s engines must do. Formats come from their capabilities. */
export function engineConformance(
  name: string,
  formats: readonly VideoFormat[],
  makeEngine: () => Promise<MediaEngine>,
): void {
  describe(`${name} as an engine`, () => {
    const bench = new ScriptedBench(formats, makeEngine);
    decodingConformance(bench, formats);
    encodingConformance(bench, formats);
    drawingConformance(bench, formats);
    tappingConformance(bench, formats);

    describe.each(formats)('$codec', (format) => {
      it('opens and closes without end', { timeout: 300_000 }, async () => {
        // Were they kept, 250 would take more than the 2 GB that there are.
        const size = { width: 1280, height: 720 };
        for (let round = 0; round < 250; round++) {
          const canvas = bench.session.canvas({ size, background: black });
          const still = bench.session.still(size, plain(size, 100));
          const { decoder: tested } = bench.decoder(format);
          const encoder = bench.session.encoder({ format, size, ...rates, encoded: () => {} });
          for (const each of [canvas, still, tested, encoder]) each.close();
          await soon(() => expect(bench.session.backlog).toBe(0));
        }
        const still = bench.session.still(small, plain(small, 99));
        const units = await bench.encode({ format, count: 1 }, (_index, canvas) => bench.draw(canvas, still));
        expect(units.length).toBe(1);
      });
      it('closes twice, and does nothing afterwards', async () => {
        const units = await bench.encodeClip(format, clip(small.width, small.height, 1));
        const { decoder: tested, pictured, broken } = bench.decoder(format);
        const encoded = vi.fn();
        const canvas = bench.session.canvas({ size: small, background: black });
        const still = bench.session.still(small, plain(small, 80));
        const encoder = bench.session.encoder({ format, size: small, ...rates, encoded });
        for (const each of [tested, encoder, still, tested, encoder, still]) each.close();
        tested.decode({ data: units[0]?.data ?? new Uint8Array(), key: true, timestamp: 1 });
        encoder.encode(canvas, { atMs: 1, key: true });
        encoder.setRate(rates);
        canvas.compose([{ picture: still, tile: { source: whole(small), destination: whole(small) } }]);
        canvas.close();
        canvas.close();
        canvas.compose([]);
        bench.session.close();
        bench.session.close();
        canvas.setBackground(white);
        bench.session.decoder({ format, pictured, broken }).decode({
          data: units[0]?.data ?? new Uint8Array(),
          key: true,
          timestamp: 2,
        });
        bench.session
          .encoder({ format, size: small, ...rates, encoded })
          .encode(canvas, { atMs: 2, key: true });
        expect(tested.size).toBeUndefined();
        for (const callback of [pictured, broken, encoded]) expect(callback).not.toHaveBeenCalled();
      });
    });
  });
}
