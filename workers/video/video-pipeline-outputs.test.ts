import { expect, it, vi } from 'vitest';
import { readModule } from '../../wasm/locate.ts';
import { describeBuilt, freshVideo } from '../../wasm/scripted-modules.ts';
import { EngineFailure } from '../engine/engine-failure.ts';
import type { EngineSession, EngineTrouble, MediaEngine } from '../engine/engine.ts';
import { WasmCore } from '../engine/wasm/wasm-core.ts';
import { wasmCapabilities } from '../engine/wasm/wasm-capabilities.ts';
import { WasmEngine } from '../engine/wasm/wasm-engine.ts';
import { WasmSession } from '../engine/wasm/wasm-session.ts';
import { colours } from './scripted-camera.ts';
import { gridInputs, outputOf, ScriptedView, viewOf } from './scripted-view.ts';

vi.setConfig({ testTimeout: 30_000 });

const { red, green, blue } = colours;
const inputs = gridInputs(['a', 'b'], 2);

async function pair(outputs = [outputOf('out')], engine?: MediaEngine): Promise<ScriptedView> {
  const view = await ScriptedView.begin(viewOf(inputs, outputs), engine);
  view.cameraEach({ a: red, b: green });
  return view;
}

const framesOf = (view: ScriptedView, track = 'out') => view.screen(track).frames;

/** The engine, with what is made of it noted. */
async function watched(): Promise<{ engine: MediaEngine; session: EngineSession; core: WasmCore }> {
  const failure = { failed: (_reason: string, _trouble: EngineTrouble): void => undefined };
  const core = new WasmCore(await freshVideo(), (reason, trouble) => failure.failed(reason, trouble));
  const session = new WasmSession(core);
  const open = (failed: (reason: string, trouble: EngineTrouble) => void): Promise<EngineSession> => {
    failure.failed = failed;
    return Promise.resolve(session);
  };
  return { engine: { id: 'wasm', capabilities: wasmCapabilities, worksApart: false, open }, session, core };
}

describeBuilt('outputs of a view', () => {
  it('are made at their own framerates, on one steady grid', async () => {
    const rates = [30, 24, 15, 10];
    const view = await pair(rates.map((framerate) => outputOf(`at${framerate}`, { framerate })));
    view.run(3000);
    const grid = new Set(framesOf(view, 'at30').map(({ atMs }) => atMs));
    for (const framerate of rates) {
      const frames = framesOf(view, `at${framerate}`);
      expect(Math.abs(frames.length - 3 * framerate), `${framerate}`).toBeLessThanOrEqual(1);
      for (const [index, { atMs, timestamp }] of frames.entries()) {
        expect(grid.has(atMs)).toBe(true);
        expect(timestamp).toBe(Math.round(atMs * 90) % 2 ** 32);
        const sinceMs = atMs - (frames[index - 1]?.atMs ?? -Infinity);
        expect(sinceMs).toBeGreaterThan(1000 / framerate - 34);
      }
    }
    for (const [index, { atMs }] of framesOf(view, 'at30').entries()) {
      expect(atMs).toBeCloseTo(framesOf(view, 'at30')[0]!.atMs + (index * 1000) / 30, 3);
    }
    expect(view.stats.framerate).toEqual({ wanted: 30, made: 30, limit: 30 });
  });

  it('carry whole frames in payloads that fit a packet, the last one marked', async () => {
    const view = await pair([
      outputOf('out', { resolution: { width: 1280, height: 720 }, bitrateKbps: 8000 }),
    ]);
    view.run(300);
    const sizes = framesOf(view).flatMap(({ payloads }) => payloads.map(({ length }) => length));
    expect(Math.max(...sizes)).toBeLessThanOrEqual(1100);
    expect(framesOf(view).every(({ marker }) => marker)).toBe(true);
  });

  it('of one size share a canvas, and each has one encoder', async () => {
    const { engine, session } = await watched();
    const canvas = vi.spyOn(session, 'canvas');
    const encoder = vi.spyOn(session, 'encoder');
    const large = { width: 640, height: 360 };
    const view = await pair(
      [
        outputOf('vp8'),
        outputOf('h264', { codec: 'h264' }),
        outputOf('large', { codec: 'vp9', resolution: large }),
      ],
      engine,
    );
    view.run(500);
    expect(canvas).toHaveBeenCalledTimes(2);
    expect(encoder).toHaveBeenCalledTimes(3);
    for (const track of ['vp8', 'h264', 'large']) {
      expect(view.seen(track, 2)).toEqual(['red', 'green', 'black', 'black']);
    }
    expect(view.screen('large').size).toEqual(large);
  });

  it('come and go without disturbing each other', async () => {
    const view = await pair();
    view.run(300);
    view.configure(viewOf(inputs, [outputOf('out'), outputOf('late', { codec: 'h264' })]));
    view.run(300);
    expect(framesOf(view, 'late')[0]?.key).toBe(true);
    expect(view.seen('late', 2)).toEqual(['red', 'green', 'black', 'black']);
    view.configure(viewOf(inputs, [outputOf('late', { codec: 'h264' })]));
    const made = framesOf(view).length;
    view.run(300);
    expect(framesOf(view).length).toBe(made);
    expect(framesOf(view, 'late').filter(({ key }) => key).length).toBe(1);
    expect(framesOf(view).filter(({ key }) => key).length).toBe(1);
  });

  it('without a resolution have the size of the first picture, and follow it', async () => {
    const { resolution: _, ...output } = outputOf('out');
    const view = await ScriptedView.begin(viewOf(gridInputs(['a'], 1), [output]));
    view.run(200);
    expect(framesOf(view)).toEqual([]);
    view.camera({ line: 1, input: 'a', codec: 'vp8', width: 160, height: 90 }).colour = red;
    view.run(200);
    expect(view.screen('out').size).toEqual({ width: 160, height: 90 });
    view.camera({ line: 2, input: 'a', codec: 'h264', width: 322, height: 182 }).colour = blue;
    view.run(200);
    expect(view.screen('out').size).toEqual({ width: 322, height: 182 });
    expect(view.screen('out').name(0.5, 0.5)).toBe('blue');
    expect(framesOf(view).filter(({ key }) => key).length).toBe(2);
    view.configure(
      viewOf(
        gridInputs(['a'], 1).map((input) => ({ ...input, active: false })),
        [output],
      ),
    );
    view.run(200);
    expect(view.screen('out').size).toEqual({ width: 322, height: 182 });
  });

  it('that show nothing but background are repeated once a second, until there is something', async () => {
    const view = await ScriptedView.begin(viewOf(inputs, [outputOf('out')]));
    view.run(3000);
    expect(framesOf(view).length).toBe(3);
    view.camera({ line: 1, input: 'a', codec: 'vp8' }).colour = red;
    view.run(1000);
    expect(framesOf(view).length).toBeGreaterThanOrEqual(3 + 29);
    view.configure(viewOf([], [outputOf('out')]));
    view.run(66);
    expect(view.screen('out').name(0.25, 0.25)).toBe('black');
    const made = framesOf(view).length;
    view.pipeline.requestKeyFrame('out', view.nowMs);
    view.run(66);
    expect(framesOf(view).at(-1)?.key).toBe(true);
    expect(framesOf(view).length).toBe(made + 1);
  });

  it('go on steadily while nothing moves', async () => {
    const view = await pair();
    view.run(300);
    view.cameras.clear();
    const made = framesOf(view).length;
    view.run(1000);
    expect(framesOf(view).length - made).toBe(30);
    expect(view.seen('out', 2)).toEqual(['red', 'green', 'black', 'black']);
  });
});

describeBuilt('key frames of an output', () => {
  const keys = (view: ScriptedView): number[] =>
    framesOf(view).flatMap(({ key, atMs }) => (key ? [atMs] : []));

  it('come in their interval', async () => {
    const view = await pair([outputOf('out', { keyFrameInterval: 1 })]);
    view.run(3500);
    const times = keys(view);
    expect(times.length).toBe(4);
    for (const [index, atMs] of times.entries()) expect(atMs - times[0]!).toBeCloseTo(index * 1000, 3);
  });

  it.each(['vp8', 'vp9', 'h264'] as const)(
    'come at once when asked for, and for long not more than two a second (%s)',
    async (codec) => {
      const view = await pair([outputOf('out', { codec })]);
      view.run(1000);
      view.pipeline.requestKeyFrame('nobody', view.nowMs);
      view.pipeline.requestKeyFrame('out', view.nowMs);
      view.run(34);
      expect(keys(view).length).toBe(2);
      for (let i = 0; i < 150; i++) {
        view.pipeline.requestKeyFrame('out', view.nowMs);
        view.run(20);
      }
      const asked = keys(view).slice(2);
      expect(asked.length).toBeGreaterThanOrEqual(6);
      // Two a second, and the few that were saved up.
      expect(asked.length).toBeLessThanOrEqual(6 + 3);
      view.run(1000);
      expect(keys(view).slice(2).length - asked.length).toBeLessThanOrEqual(1);
    },
  );
});

describeBuilt('a full machine', () => {
  it('gets fewer pictures, is told so, and more again when there is room', async () => {
    const view = await pair([outputOf('out'), outputOf('slow', { framerate: 10 })]);
    view.run(1000);
    // Two decodings, one composition and up to two encodings for each picture.
    view.costMs = 12;
    view.run(10_000);
    const { framerate } = view.stats;
    expect(framerate.wanted).toBe(30);
    expect(framerate.limit).toBeLessThanOrEqual(15);
    expect(Math.abs(framerate.made - framerate.limit)).toBeLessThanOrEqual(1);
    expect(view.seen('out', 2)).toEqual(['red', 'green', 'black', 'black']);
    view.costMs = 0.5;
    view.run(40_000);
    expect(view.stats.framerate).toEqual({ wanted: 30, made: 30, limit: 30 });
    expect(framesOf(view).filter(({ key }) => key).length).toBe(1);
    expect(framesOf(view, 'slow').filter(({ key }) => key).length).toBe(1);
  });
});

describeBuilt('statistics', () => {
  it('tell what work takes and how long pictures take through', async () => {
    const view = await pair([outputOf('out')]);
    view.costMs = 2;
    view.run(2000);
    const { inputs: ins, outputs: outs, ...stats } = view.stats;
    expect(stats).toMatchObject({ kind: 'video', id: 'view/video', engine: 'wasm', rebuilds: 0 });
    expect([stats.decodeMs, stats.composeMs, stats.encodeMs]).toEqual(Array(3).fill({ p50: 2, p99: 2 }));
    // Up to a beat until it is drawn, and the work of that turn.
    expect(stats.addedMs.p50).toBeGreaterThan(4);
    expect(stats.addedMs.p99).toBeLessThan(34 + 14);
    const picture = { width: 160, height: 90, broken: 0, keyFrameRequests: 0 };
    expect(ins).toEqual([
      { id: 'a', decoded: 60, ...picture },
      { id: 'b', decoded: 60, ...picture },
    ]);
    const frames = framesOf(view);
    expect(outs).toEqual([
      { track: 'out', width: 320, height: 180, frames: frames.length, keyFrames: 1, bytes: outs[0]?.bytes },
    ]);
    const sent = frames.reduce(
      (sum, { payloads }) => payloads.reduce((all, { length }) => all + length, sum),
      0,
    );
    expect(sent - (outs[0]?.bytes ?? 0)).toBeGreaterThan(0);
    expect(outs[0]?.bytes).toBeGreaterThan(sent * 0.8);
  });
});

describeBuilt('an engine that breaks', () => {
  it('makes the next tick throw, and nothing else', async () => {
    const { engine, core } = await watched();
    const view = await pair([outputOf('out')], engine);
    view.run(200);
    core.run(({ video }) => video.call.canvas_fill(-64, 64, 64, 0, 0, 64, 64, 0, 0, 0));
    for (const camera of view.cameras.values()) view.shoot(camera);
    view.configure(viewOf(inputs, [outputOf('other')]));
    expect(() => view.tick()).toThrow(/wasm failed: RuntimeError/);
    view.pipeline.close();
    view.pipeline.close();
    expect(view.pipeline.tick(view.nowMs)).toBeGreaterThan(view.nowMs);
  });

  it('is told of by what was said first', async () => {
    const { engine, session } = await watched();
    let failed = (_reason: string, _trouble: EngineTrouble): void => undefined;
    const open: MediaEngine['open'] = (told) => {
      failed = told;
      return Promise.resolve(session);
    };
    const view = await pair([outputOf('out')], { ...engine, open });
    failed('out of surfaces', { scope: 'session' });
    failed('it has ended', { scope: 'device' });
    expect(() => view.tick()).toThrow(
      expect.objectContaining({
        message: 'the engine wasm failed: out of surfaces',
        fault: { scope: 'session' },
      }),
    );
  });

  it('says in decoding whose stream that was', async () => {
    const { engine, session, core } = await watched();
    const decoderOf = session.decoder.bind(session);
    session.decoder = (options) => {
      const decoder = decoderOf(options);
      const breaking = options.format.codec === 'h264';
      const fill = () =>
        core.run(({ video }) => video.call.canvas_fill(-64, 64, 64, 0, 0, 64, 64, 0, 0, 0), decoder);
      if (breaking) decoder.decode = () => void fill();
      return decoder;
    };
    const view = await pair([outputOf('out')], engine);
    view.camera({ line: 7, input: 'b', codec: 'h264' });
    let fault: unknown;
    try {
      view.run(200);
    } catch (error) {
      if (error instanceof EngineFailure) ({ fault } = error);
    }
    expect(fault).toEqual({ scope: 'session', input: 'b' });
  });

  it('rejects when it cannot begin', async () => {
    await expect(ScriptedView.begin(viewOf([], []), new WasmEngine(new Uint8Array(8)))).rejects.toThrow();
    await expect(readModule('video')).resolves.toBeDefined();
  });
});

describeBuilt('memory of a pipeline', () => {
  it('stays what it is over many configurations', { timeout: 60_000 }, async () => {
    const { engine, core } = await watched();
    const view = await pair([outputOf('out')], engine);
    let line = 10;
    let settled = 0;
    for (let round = 0; round < 120; round++) {
      const names = ['a', 'b', `c${round}`];
      const { resolution: _, ...own } = outputOf(`own${round}`, { codec: 'vp9' });
      const size = { width: 320 + 2 * (round % 10), height: 180 + 2 * (round % 7) };
      const outputs = [outputOf('out'), outputOf(`o${round}`, { codec: 'h264', resolution: size }), own];
      view.configure(viewOf(gridInputs(names, 2), outputs));
      view.screens.delete(`o${round - 1}`);
      view.screens.delete(`own${round - 1}`);
      view.camera({ line: ++line, input: `c${round}`, codec: (['vp8', 'vp9', 'h264'] as const)[round % 3]! });
      view.run(70);
      view.cameras.get(line)?.close();
      view.stop(line);
      if (round === 40) settled = core.video.memoryBytes;
    }
    // An encoder alone takes more; less is fragmentation.
    expect(core.video.memoryBytes - settled).toBeLessThan(512 * 1024);
    expect(view.stats.outputs.length).toBe(3);
  });
});
