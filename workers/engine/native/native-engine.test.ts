import { afterEach, describe, expect, it, vi } from 'vitest';
import type { NativeAddon, NativeEvent, NativeSession } from '../../../native/addon.ts';
import { describeNative, expectNothingLeft } from '../../../native/scripted-session.ts';
import { describeBuilt } from '../../../wasm/scripted-modules.ts';
import { canDo } from '../choose-engine.ts';
import type { EncodedUnit } from '../engine.ts';
import { engineConformance } from '../scripted-conformance.ts';
import { wasmCapabilities } from '../wasm/wasm-capabilities.ts';
import { nativeCapabilities } from './native-capabilities.ts';
import { NativeEngine } from './native-engine.ts';
import { StallWatch } from './stall-watch.ts';

const size = { width: 64, height: 64 };

describeBuilt('native engines', () => {
  describeNative('of the processor', (addon) => {
    const capabilities = nativeCapabilities(addon.probe({ engine: 'cpu' }));
    const seen = capabilities.encode.filter(({ codec }) => canDo(wasmCapabilities.decode, { codec }));
    afterEach(() => expectNothingLeft(addon));
    engineConformance('cpu', seen, async () => new NativeEngine({ addon, id: 'cpu', capabilities }));

    // Set in a process that sees a simulated GPU (test/gpu): test/engines runs this file there.
    const device = process.env.SLUICE_TEST_GPU_DEVICE;
    if (device !== undefined) {
      const capable = nativeCapabilities(addon.probe({ engine: 'vaapi', device }));
      const judged = capable.encode.filter(({ codec }) => canDo(wasmCapabilities.decode, { codec }));
      engineConformance(
        'vaapi',
        judged,
        async () => new NativeEngine({ addon, id: 'vaapi', device, capabilities: capable }),
      );
    }

    it('tells how long decoding, composing and encoding took', async () => {
      const worked = vi.fn<(work: string, ms: number) => void>();
      const encoded = vi.fn<(unit: EncodedUnit) => void>();
      const session = await new NativeEngine({ addon, id: 'cpu', capabilities }).open(vi.fn(), worked);
      const large = { width: 1280, height: 720 };
      const canvas = session.canvas({ size: large, background: { r: 1, g: 2, b: 3 } });
      const format = { codec: 'vp8' } as const;
      const encoder = session.encoder({ format, size: large, framerate: 30, bitrateKbps: 100, encoded });
      const pictured = vi.fn();
      const decoder = session.decoder({ format, pictured, broken: vi.fn() });
      canvas.setBackground({ r: 200, g: 0, b: 0 });
      canvas.compose([]);
      encoder.encode(canvas, { atMs: 1, key: true });
      await vi.waitFor(() => expect(encoded).toHaveBeenCalled());
      decoder.decode({ data: encoded.mock.calls[0]?.[0].data ?? new Uint8Array(), key: true, timestamp: 7 });
      await vi.waitFor(() => expect(pictured).toHaveBeenCalledWith(7));
      expect(new Set(worked.mock.calls.map(([work]) => work))).toEqual(
        new Set(['compose', 'encode', 'decode']),
      );
      expect(worked.mock.calls.every(([, ms]) => ms > 0)).toBe(true);
      session.close();
    });

    it.skipIf(!addon.engines.includes('vaapi'))('fails when there is no such device', async () => {
      const failed = vi.fn();
      const engine = new NativeEngine({ addon, id: 'vaapi', device: '/dev/dri/renderD999', capabilities });
      const session = await engine.open(failed);
      await vi.waitFor(() => expect(failed).toHaveBeenCalledTimes(1));
      session.canvas({ size, background: { r: 0, g: 0, b: 0 } }).compose([]);
      session.close();
    });
  });
});

describe('a session of the addon', () => {
  /** One that does nothing but what the test says. */
  function scripted() {
    const state = { full: false, busyMs: 0, done: 0, closed: 0 };
    let deliver: (events: readonly NativeEvent[]) => void = () => undefined;
    const take = (): boolean => !state.full;
    const composed: Int32Array[] = [];
    const resized: number[] = [];
    const session: NativeSession = {
      openDecoder: () => true,
      openCanvas: () => true,
      openStill: take,
      openEncoder: () => true,
      closeObject: () => true,
      decode: take,
      resized: (_decoder, width) => {
        resized.push(width);
        return true;
      },
      compose: (_canvas, _background, layers) => {
        composed.push(layers);
        return take();
      },
      encode: take,
      setRate: () => true,
      tap: take,
      progress: () => ({
        ...{ state: 'open', waitingCommands: 3, waitingBytes: 0, refused: 0 },
        ...{ decodeMs: 0, composeMs: 0, encodeMs: 0, tapMs: 0, ...state },
        state: 'open',
      }),
      close: () => {
        state.closed++;
      },
    };
    const addon: NativeAddon = {
      engines: ['cpu', 'vaapi'],
      version: 'scripted',
      open: (_, given) => {
        deliver = given;
        return session;
      },
      probe: () => {
        throw new Error('not probed');
      },
      counters: () => {
        throw new Error('not counted');
      },
    };
    const failed = vi.fn<(reason: string) => void>();
    const capabilities = { decode: [], encode: [], maxSize: 4096 };
    const open = () => new NativeEngine({ addon, id: 'vaapi', device: 'a', capabilities }).open(failed);
    return { state, failed, open, composed, resized, deliver: (...events: NativeEvent[]) => deliver(events) };
  }

  it('takes a unit that its full queue refuses for one that was lost: only a key frame helps', async () => {
    const { state, open } = scripted();
    const session = await open();
    const broken = vi.fn();
    const decoder = session.decoder({ format: { codec: 'h264' }, pictured: vi.fn(), broken });
    const give = (key: boolean) => decoder.decode({ data: new Uint8Array(9), key, timestamp: 1 });
    give(true);
    state.full = true;
    give(false);
    state.full = false;
    give(false);
    expect(broken).toHaveBeenCalledTimes(2);
    give(true);
    give(false);
    expect(broken).toHaveBeenCalledTimes(2);
  });

  it('tells of pictures that were left out, by its queue or by its encoder', async () => {
    const { state, open, deliver } = scripted();
    const session = await open();
    const skipped = vi.fn();
    const canvas = session.canvas({ size, background: { r: 0, g: 0, b: 0 } });
    const settings = { format: { codec: 'h264' }, size, framerate: 30, bitrateKbps: 100 } as const;
    const encoder = session.encoder({ ...settings, encoded: vi.fn(), skipped });
    state.full = true;
    encoder.encode(canvas, { atMs: 10, key: false });
    deliver({ type: 'skipped', encoder: 2, atMs: 43 });
    expect(skipped.mock.calls).toEqual([[10], [43]]);
  });

  it('answers each tap with its own picture, and with none where its queue is full', async () => {
    const { state, open, deliver } = scripted();
    const session = await open();
    const still = session.still(size, new Uint8Array((64 * 64 * 3) / 2));
    const answers: (readonly [string, number | undefined])[] = [];
    const tap = (name: string): void =>
      session.tap(still, { size, pixels: 'gray', tapped: (data) => answers.push([name, data?.[0]]) });
    const answer = (ticket: number): void =>
      deliver({ type: 'tapped', ticket, ...size, data: Uint8Array.of(10 + ticket) });
    tap('a');
    tap('b');
    state.full = true;
    tap('c');
    state.full = false;
    for (const ticket of [1, 0, 0, 99]) answer(ticket);
    expect(answers).toEqual([
      ['c', undefined],
      ['b', 11],
      ['a', 10],
    ]);
    tap('d');
    session.close();
    answer(3);
    expect(answers).toHaveLength(3);
  });

  it('gives a still again that its full queue did not take, when it is to be drawn', async () => {
    const { state, open, composed } = scripted();
    const session = await open();
    const canvas = session.canvas({ size, background: { r: 0, g: 0, b: 0 } });
    state.full = true;
    const still = session.still(size, new Uint8Array((64 * 64 * 3) / 2));
    const whole = { x: 0, y: 0, ...size };
    const draw = (): void =>
      canvas.compose([{ picture: still, tile: { source: whole, destination: whole } }]);
    draw();
    state.full = false;
    draw();
    draw();
    expect(composed.map((layers) => layers.length)).toEqual([0, 0, 9, 9]);
    expect(composed[2]?.[0]).toBe(composed[3]?.[0]);
    still.close();
    draw();
    expect(composed.at(-1)).toHaveLength(0);
  });

  it('gives no picture of a canvas that is not what it was told to be', async () => {
    const { state, open } = scripted();
    const session = await open();
    const canvas = session.canvas({ size, background: { r: 0, g: 0, b: 0 } });
    const tapped = vi.fn();
    const tap = () => session.tap(canvas, { size, pixels: 'gray', tapped });
    state.full = true;
    canvas.compose([]);
    state.full = false;
    tap();
    expect(tapped.mock.calls).toEqual([[undefined]]);
    canvas.compose([]);
    tap();
    expect(tapped).toHaveBeenCalledTimes(1);
  });

  it('says which size it knows of, once for each', async () => {
    const { open, deliver, resized } = scripted();
    const session = await open();
    session.decoder({ format: { codec: 'h264' }, pictured: vi.fn(), broken: vi.fn() });
    const pictured = (width: number): void =>
      deliver({ type: 'pictured', decoder: 1, timestamp: 1, width, height: 64, ms: 1 });
    for (const width of [64, 64, 128, 128, 64]) pictured(width);
    expect(resized).toEqual([64, 128, 64]);
  });

  it('fails once, and hears and does nothing any more', async () => {
    const { state, failed, open, deliver } = scripted();
    const session = await open();
    const pictured = vi.fn();
    const decoder = session.decoder({ format: { codec: 'h264' }, pictured, broken: pictured });
    deliver(
      { type: 'failed', reason: 'busy', scope: 'device' },
      { type: 'pictured', decoder: 1, timestamp: 1, width: 64, height: 64, ms: 1 },
      { type: 'closed' },
    );
    expect(failed.mock.calls).toEqual([['busy', { scope: 'device' }]]);
    expect(state.closed).toBe(1);
    decoder.decode({ data: new Uint8Array(9), key: true, timestamp: 1 });
    expect(pictured).not.toHaveBeenCalled();
    expect(session.backlog).toBe(0);
  });

  it('tells whose stream broke it, and whether that says something about others', async () => {
    const { state, failed, open, deliver } = scripted();
    const session = await open();
    const open2 = () => session.decoder({ format: { codec: 'h264' }, pictured: vi.fn(), broken: vi.fn() });
    const [first, second] = [open2(), open2()];
    const give = (decoder: typeof first) =>
      decoder.decode({ data: new Uint8Array(9), key: true, timestamp: 1 });
    give(first);
    give(second);
    give(first);
    // Two decoders were opened and a unit was decoded: the next is the second's.
    state.done = 3;
    deliver({ type: 'failed', reason: 'cannot decode a stream', scope: 'session' });
    expect(failed.mock.calls).toEqual([['cannot decode a stream', { scope: 'session', decoder: second }]]);
  });

  it('blames no stream for other work', async () => {
    const { state, failed, open, deliver } = scripted();
    const session = await open();
    const decoder = session.decoder({ format: { codec: 'h264' }, pictured: vi.fn(), broken: vi.fn() });
    decoder.decode({ data: new Uint8Array(9), key: true, timestamp: 1 });
    const canvas = session.canvas({ size, background: { r: 0, g: 0, b: 0 } });
    canvas.compose([]);
    state.done = 3;
    deliver({ type: 'failed', reason: 'out of surfaces', scope: 'session' });
    expect(failed.mock.calls).toEqual([['out of surfaces', { scope: 'session' }]]);
  });

  it('that stands still has failed', async () => {
    const { state, failed, open } = scripted();
    const session = await open();
    for (let nowMs = 0; nowMs <= 300; nowMs += 50) {
      state.busyMs = nowMs;
      session.watch(nowMs);
    }
    expect(failed).not.toHaveBeenCalled();
    state.busyMs = 400;
    session.watch(400);
    expect(failed.mock.calls).toEqual([[expect.stringMatching(/^it stands still/), { scope: 'device' }]]);
  });
});

describe('StallWatch', () => {
  const look = (watch: StallWatch, looks: readonly (readonly [number, number, number])[]) =>
    looks.map(([nowMs, busyMs, done]) => watch.look({ state: 'open', busyMs, done }, nowMs));

  it('counts from when a piece of work began, and anew with each', () => {
    const watch = new StallWatch(100);
    expect(
      look(watch, [
        [0, 10, 1],
        [50, 60, 1],
        [100, 20, 2],
        [150, 70, 2],
        [200, 120, 2],
      ]),
    ).toEqual([undefined, undefined, undefined, undefined, undefined]);
    expect(look(watch, [[250, 170, 2]])).toEqual([150]);
  });

  it('does not mind how long nothing is to be done', () => {
    expect(
      look(new StallWatch(100), [
        [0, 0, 1],
        [1000, 0, 1],
        [2000, 0, 1],
      ]),
    ).not.toContainEqual(expect.any(Number));
  });

  it('forgives where nobody could look', () => {
    expect(
      look(new StallWatch(100), [
        [0, 10, 1],
        [5000, 5010, 1],
      ]),
    ).toEqual([undefined, undefined]);
  });

  it('gives drivers time to begin', () => {
    const watch = new StallWatch(100);
    const at = (nowMs: number) => watch.look({ state: 'opening', busyMs: nowMs, done: 0 }, nowMs);
    for (let nowMs = 0; nowMs < 3000; nowMs += 50) expect(at(nowMs)).toBeUndefined();
    expect([3000, 3050, 3100].map(at)).toContainEqual(expect.any(Number));
  });
});
