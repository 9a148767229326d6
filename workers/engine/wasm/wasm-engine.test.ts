import { beforeEach, describe, expect, it, vi } from 'vitest';
import { H264Encoder } from '../../../wasm/h264-encoder.ts';
import { readModule } from '../../../wasm/locate.ts';
import { writeCanvas } from '../../../wasm/picture.ts';
import { clip } from '../../../wasm/scripted-clip.ts';
import { describeBuilt, freshVideo } from '../../../wasm/scripted-modules.ts';
import { engineConformance } from '../scripted-conformance.ts';
import { WasmCore } from './wasm-core.ts';
import { wasmCapabilities } from './wasm-capabilities.ts';
import { WasmEngine } from './wasm-engine.ts';
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

  it('gives every picture at once, also of profiles whose decoders reorder', async () => {
    const video = await freshVideo();
    const encoder = new H264Encoder(video, { ...size, frameRate: 30, bitrateBps: 200_000 });
    const pictured: number[] = [];
    const session = await new WasmEngine(await readModule('video')).open(() => {});
    const decoder = session.decoder({
      format: { codec: 'h264', profile: 'M' },
      pictured: (timestamp) => pictured.push(timestamp),
      broken: () => {},
    });
    for (const [index, picture] of clip(size.width, size.height, 12).entries()) {
      writeCanvas(video, encoder.canvas, picture);
      const unit = encoder.encode(index * 33, index === 6);
      if (unit === undefined) throw new Error('left out');
      // A constrained baseline stream is a main profile stream too; only the profile in its parameter set says so.
      for (let at = 0; at + 5 < unit.data.length; at++) {
        const isStart = unit.data[at] === 0 && unit.data[at + 1] === 0 && unit.data[at + 2] === 1;
        if (isStart && ((unit.data[at + 3] ?? 0) & 31) === 7) unit.data[at + 4] = 77;
      }
      decoder.decode({ data: unit.data, key: unit.isKey, timestamp: index });
      expect(pictured).toEqual(Array.from({ length: index + 1 }, (_, each) => each));
    }
    session.close();
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
      expect(failed.mock.calls).toEqual([[expect.stringMatching(/RuntimeError/), { scope: 'session' }]]);
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
      expect(failed).toHaveBeenCalledWith('Error: there is no decoder for av1', { scope: 'session' });
    });
  });
});
