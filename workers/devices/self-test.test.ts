// Owns the proof that the self-test tells engines that work from those that do not, on real codecs.
import { beforeAll, expect, it } from 'vitest';
import { readModule } from '../../wasm/locate.ts';
import { describeBuilt } from '../../wasm/scripted-modules.ts';
import type { EngineSession, MediaEngine } from '../engine/engine.ts';
import { WasmEngine } from '../engine/wasm/wasm-engine.ts';
import { selfTest } from './self-test.ts';
import { SoftwareJudge } from './software-judge.ts';

/** Each piece of work takes a millisecond. */
function stopwatch() {
  let ms = 0;
  return { now: () => (ms += 1), cpuMs: () => 2 * (ms += 1) };
}

/** `wasm`, but for what `change` does to each of its sessions. */
function engineWith(
  engine: MediaEngine,
  change: (session: EngineSession, failed: Parameters<MediaEngine['open']>[0]) => void = () => undefined,
): MediaEngine {
  return {
    id: 'vaapi',
    capabilities: engine.capabilities,
    worksApart: false,
    open: async (failed) => {
      const session = await engine.open(failed);
      change(session, failed);
      return session;
    },
  };
}

describeBuilt('the self-test of an engine', () => {
  let wasm: WasmEngine;
  let judge: SoftwareJudge;

  beforeAll(async () => {
    const source = await readModule('video');
    wasm = new WasmEngine(source);
    judge = await SoftwareJudge.open(source, 3, stopwatch());
  });

  it('passes one that makes the same, and measures it', async () => {
    const test = await selfTest(wasm, judge, stopwatch());
    expect(test).toMatchObject({ psnrDb: 99, struck: [] });
    expect(test.msPerPicture).toBeGreaterThan(0);
    expect(test.cpuMsPerPicture).toBeGreaterThan(test.msPerPicture);
  });

  it('refuses one that draws something else', async () => {
    const half = engineWith(wasm, (session) => {
      const open = session.canvas.bind(session);
      session.canvas = (options) => {
        const canvas = open(options);
        const compose = canvas.compose.bind(canvas);
        canvas.compose = (layers) => compose(layers.slice(1));
        return canvas;
      };
    });
    await expect(selfTest(half, judge, stopwatch())).rejects.toThrow(/pictures are wrong/);
  });

  it('refuses one whose encoder makes rubbish', async () => {
    const rubbish = engineWith(wasm, (session) => {
      const open = session.encoder.bind(session);
      session.encoder = (options) =>
        open({
          ...options,
          encoded: (unit) =>
            options.encoded({ ...unit, data: unit.data.map((byte, at) => (at > 40 ? ~byte : byte)) }),
        });
    });
    await expect(selfTest(rubbish, judge, stopwatch())).rejects.toThrow(/pictures are wrong/);
  });

  it('refuses one that fails in the middle, or does not begin', async () => {
    const breaking = engineWith(wasm, (session, failed) => {
      const open = session.encoder.bind(session);
      session.encoder = (options) => {
        failed('the device is gone', { scope: 'device' });
        return open(options);
      };
    });
    await expect(selfTest(breaking, judge, stopwatch())).rejects.toThrow('the device is gone');
    const absent: MediaEngine = { ...breaking, open: () => Promise.reject(new Error('no such device')) };
    await expect(selfTest(absent, judge, stopwatch())).rejects.toThrow('no such device');
  });

  it('refuses one that knows no H.264', async () => {
    const lacking: MediaEngine = {
      ...engineWith(wasm),
      capabilities: { ...wasm.capabilities, encode: [{ codec: 'vp8' }] },
    };
    await expect(selfTest(lacking, judge, stopwatch())).rejects.toThrow(/H\.264/);
  });

  it('strikes further codecs that it cannot do after all', async () => {
    const capabilities = {
      ...wasm.capabilities,
      decode: [{ codec: 'h264' }, { codec: 'vp9' }],
      encode: [{ codec: 'h264' }],
    } as const;
    const blind = engineWith(wasm, (session) => {
      const open = session.decoder.bind(session);
      session.decoder = (options) => {
        const decoder = open(options);
        if (options.format.codec === 'vp9') decoder.decode = () => options.broken();
        return decoder;
      };
    });
    const { struck } = await selfTest({ ...blind, capabilities }, judge, stopwatch());
    expect(struck).toEqual([{ codec: 'vp9', direction: 'decode', reason: 'it could not decode vp9' }]);
  });
});
