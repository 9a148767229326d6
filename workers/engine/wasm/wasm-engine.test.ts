import { beforeEach, describe, expect, it, vi } from 'vitest';
import { readModule } from '../../../wasm/locate.ts';
import { describeBuilt, freshVideo } from '../../../wasm/scripted-modules.ts';
import { engineConformance } from '../scripted-conformance.ts';
import { WasmCore } from './wasm-core.ts';
import { WasmEngine, wasmCapabilities } from './wasm-engine.ts';
import { WasmSession } from './wasm-session.ts';

const size = { width: 64, height: 64 };

describeBuilt('wasm', () => {
  engineConformance('wasm', wasmCapabilities.encode, async () => new WasmEngine(await readModule('video')));

  it('opens many sessions from one compiled module', async () => {
    const engine = new WasmEngine(await WebAssembly.compile(await readModule('video')));
    for (let round = 0; round < 30; round++) {
      const session = await engine.open(() => {});
      session.canvas({ size, background: { r: 1, g: 2, b: 3 } });
      session.close();
    }
  });

  it('rejects when the module is none', async () => {
    await expect(new WasmEngine(Uint8Array.of(1, 2, 3)).open(() => {})).rejects.toThrow();
  });

  describe('when the instance breaks', () => {
    const failed = vi.fn<(reason: string) => void>();
    let core: WasmCore;
    beforeEach(async () => {
      failed.mockReset();
      core = new WasmCore(await freshVideo(), failed);
    });

    it('says so once and does nothing any more', () => {
      const session = new WasmSession(core);
      const encoded = vi.fn();
      const format = { codec: 'vp8' } as const;
      const canvas = session.canvas({ size, background: { r: 0, g: 0, b: 0 } });
      const encoder = session.encoder({ format, size, framerate: 30, bitrateKbps: 100, encoded });
      expect(
        core.run(({ video }) => video.call.canvas_fill(-64, 64, 64, 0, 0, 64, 64, 0, 0, 0)),
      ).toBeUndefined();
      expect(failed.mock.calls).toEqual([[expect.stringMatching(/RuntimeError/)]]);
      canvas.compose([]);
      encoder.encode(canvas, { atMs: 1, key: true });
      const broken = session.decoder({ format, pictured: encoded, broken: encoded });
      broken.decode({ data: new Uint8Array(20), key: true, timestamp: 1 });
      for (const each of [broken, encoder, canvas, session]) each.close();
      expect(encoded).not.toHaveBeenCalled();
      expect(failed).toHaveBeenCalledTimes(1);
    });

    it('leaves what a callback throws to the caller', async () => {
      const session = new WasmSession(core);
      const canvas = session.canvas({ size, background: { r: 0, g: 0, b: 0 } });
      const encoder = session.encoder({
        format: { codec: 'vp8' },
        size,
        framerate: 30,
        bitrateKbps: 100,
        encoded: () => {
          throw new Error('of the receiver');
        },
      });
      expect(() => encoder.encode(canvas, { atMs: 1, key: true })).toThrow('of the receiver');
      expect(failed).not.toHaveBeenCalled();
    });

    it('fails for what cannot be made', () => {
      new WasmSession(core).decoder({ format: { codec: 'av1' }, pictured: () => {}, broken: () => {} });
      expect(failed).toHaveBeenCalledWith('Error: there is no decoder for av1');
    });
  });
});
