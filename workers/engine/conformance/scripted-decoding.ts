// Owns what every engine must do when it decodes, as tests.
import { describe, expect, it } from 'vitest';
import type { VideoFormat } from '../../../schemas/media.ts';
import { clip } from '../../../wasm/scripted-clip.ts';
import { psnr, ScriptedEye } from '../scripted-eye.ts';
import { type ScriptedBench, soon } from './scripted-bench.ts';
import { black, small } from './scripted-pictures.ts';

export function decodingConformance(bench: ScriptedBench, formats: readonly VideoFormat[]): void {
  describe.each(formats)('$codec', (format) => {
    it('decodes what was encoded, and tells which picture it has', async () => {
      const units = await bench.encodeClip(format, clip(small.width, small.height, 8));
      const eye = new ScriptedEye(bench.reference, format);
      const { decoder: tested, pictured, broken } = bench.decoder(format);
      expect(tested.size).toBeUndefined();
      const canvas = bench.session.canvas({ size: small, background: black });
      for (const [index, { data, key }] of units.entries()) {
        const wanted = eye.see(data);
        tested.decode({ data, key, timestamp: 5000 + index });
        await soon(() => expect(pictured).toHaveBeenLastCalledWith(5000 + index));
        expect(tested.size).toMatchObject(small);
        bench.draw(canvas, tested);
        expect(psnr((await bench.look(canvas)).packed, wanted.packed)).toBeGreaterThan(34);
      }
      expect(pictured).toHaveBeenCalledTimes(8);
      expect(broken).not.toHaveBeenCalled();
    });
    it('calls what it cannot decode broken, and goes on with a key frame', async () => {
      const units = await bench.encodeClip(format, clip(small.width, small.height, 4));
      const { decoder: tested, pictured, broken } = bench.decoder(format);
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
      const { decoder: tested } = bench.decoder(format);
      for (let length = 0; length < 200; length++) {
        const data = Uint8Array.from({ length }, (_, at) => (at * 37 + length * 11) & 255);
        tested.decode({ data, key: length % 3 === 0, timestamp: length });
      }
      await soon(() => expect(bench.session.backlog).toBe(0));
    });
  });
}
