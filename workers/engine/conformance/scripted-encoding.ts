// Owns what every engine must do when it encodes, as tests.
import { describe, expect, it } from 'vitest';
import type { VideoFormat } from '../../../schemas/media.ts';
import { clip } from '../../../wasm/scripted-clip.ts';
import { lumaAt, psnr, ScriptedEye } from '../scripted-eye.ts';
import type { ScriptedBench } from './scripted-bench.ts';
import { plain, small } from './scripted-pictures.ts';

export function encodingConformance(bench: ScriptedBench, formats: readonly VideoFormat[]): void {
  describe.each(formats)('$codec', (format) => {
    it('encodes pictures that look like what was drawn, the first a key frame', async () => {
      const pictures = clip(small.width, small.height, 8);
      const units = await bench.encodeClip(format, pictures);
      expect(units.map(({ key }) => key)).toEqual([true, ...Array<boolean>(7).fill(false)]);
      expect(units.map(({ atMs }) => atMs)).toEqual(pictures.map((_, index) => 1000 + index * 33));
      const eye = new ScriptedEye(bench.reference, format);
      for (const [index, { data }] of units.entries()) {
        const { packed } = eye.see(data);
        expect(psnr(packed, pictures[index] ?? packed)).toBeGreaterThan(28);
      }
    });
    it('makes a key frame when told to, from which another decoder can begin', async () => {
      const still = bench.session.still(small, clip(small.width, small.height, 1)[0] ?? new Uint8Array());
      const units = await bench.encode({ format, count: 6, keyAt: 4 }, (_index, canvas) =>
        bench.draw(canvas, still),
      );
      expect(units.map(({ key }) => key)).toEqual([true, false, false, false, true, false]);
      const eye = new ScriptedEye(bench.reference, format);
      for (const { data } of units.slice(4)) expect(eye.see(data)).toMatchObject(small);
    });
    it('follows a new rate', async () => {
      const stills = clip(small.width, small.height, 60).map((packed) => bench.session.still(small, packed));
      const units = await bench.encode(
        { format, count: 60, bitrateKbps: 1500 },
        (index, canvas) => {
          const still = stills[index];
          if (still !== undefined) bench.draw(canvas, still);
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
      const still = bench.session.still(small, plain(small, 170));
      const units = await bench.encode({ format, size, count: 2 }, (_index, canvas) =>
        bench.draw(canvas, still),
      );
      const eye = new ScriptedEye(bench.reference, format);
      const seen = units.map(({ data }) => eye.see(data)).at(-1);
      expect(seen).toMatchObject(size);
      expect(seen && lumaAt(seen, size.width - 1, size.height - 1)).toBeCloseTo(170, -1);
    });
  });
}
