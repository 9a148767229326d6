import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { afterEach, expect, it, vi } from 'vitest';
import { clip } from '../wasm/scripted-clip.ts';
import type { NativeCodec } from './addon.ts';
import { loadAddon } from './load-addon.ts';
import { describeNative, expectNothingLeft, layers, ScriptedSession } from './scripted-session.ts';

const [width, height] = [160, 96];
const whole = [0, 0, width, height] as const;
const [canvas, encoder, decoder, still, other] = [1, 2, 3, 4, 5];
const settings = { codec: 'h264', width, height, framerate: 30, bitrateKbps: 1000 } as const;
const plain = (luma: number, size: { width: number; height: number } = { width, height }): Uint8Array =>
  new Uint8Array((size.width * size.height * 3) / 2).fill(128).fill(luma, 0, size.width * size.height);
/** For what the types would not let through. */
const wrong = <Type>(value: unknown): Type => value as Type;
/** What the tap makes of a luma. */
const grayOf = (luma: number): number => Math.round(((luma - 16) * 255) / 219);
/** What was freed lies in a quarantine of 256 MB, and there is memory about memory. */
const keptBySanitizers = process.env.LD_PRELOAD === undefined ? 0 : 400e6;
/** Of what is done very often: no measure of how long it may take, least of all with sanitizers. */
const minutes = 300_000;

describeNative('a native session', (addon) => {
  afterEach(() => expectNothingLeft(addon));

  /** The gray picture of something, small. */
  async function look(scripted: ScriptedSession, picture: number, size = 8): Promise<Uint8Array | undefined> {
    const count = scripted.of('tapped').length;
    scripted.session.tap(count, picture, size, size, 'gray');
    return (await scripted.until('tapped', count + 1)).data;
  }

  async function encodeClip(count: number, codec: NativeCodec = 'h264'): Promise<Uint8Array[]> {
    const scripted = new ScriptedSession(addon);
    const { session } = scripted;
    session.openCanvas(canvas, width, height);
    session.openEncoder(encoder, { ...settings, codec });
    for (const packed of clip(width, height, count)) {
      session.openStill(still, width, height, packed);
      session.compose(canvas, 0, layers({ picture: still, source: whole, destination: whole }));
      session.encode(encoder, canvas, scripted.events.length * 33, false);
      session.closeObject(still);
    }
    await scripted.until('encoded', count);
    await scripted.close();
    return scripted.of('encoded').map(({ data }) => data);
  }

  it('tells that it is open first and that it is closed last', async () => {
    const scripted = new ScriptedSession(addon);
    expect(scripted.events).toEqual([]);
    await scripted.until('opened');
    expect(scripted.session.progress()).toMatchObject({ state: 'open', waitingCommands: 0, done: 0 });
    await scripted.close();
    expect(scripted.events.map(({ type }) => type)).toEqual(['opened', 'closed']);
    expect(scripted.session.progress().state).toBe('closed');
    expect(scripted.session.openCanvas(canvas, width, height)).toBe(false);
    scripted.session.close();
  });

  it('shows the last picture of a decoder until the caller knows of another size', async () => {
    const unitOf = async (side: number, colour: number): Promise<Uint8Array> => {
      const scripted = new ScriptedSession(addon);
      const { session } = scripted;
      session.openCanvas(canvas, side, side);
      session.openEncoder(encoder, { ...settings, codec: 'h264', width: side, height: side });
      session.compose(canvas, colour, layers());
      session.encode(encoder, canvas, 0, true);
      const { data } = await scripted.until('encoded', 1);
      await scripted.close();
      return data;
    };
    const [small, large] = [await unitOf(64, 0), await unitOf(128, 0xffffff)];
    const scripted = new ScriptedSession(addon);
    const { session } = scripted;
    session.openDecoder(decoder, 'h264');
    const shown = async (): Promise<boolean> => ((await look(scripted, decoder))?.[0] ?? NaN) > 128;
    const give = (data: Uint8Array): unknown => session.decode(decoder, data, 1, true);
    give(small);
    expect(await shown()).toBe(false);
    give(large);
    expect(await shown()).toBe(false);
    session.resized(decoder, 64, 64);
    expect(await shown()).toBe(false);
    session.resized(decoder, 128, 128);
    expect(await shown()).toBe(true);
    give(large);
    expect(await shown()).toBe(true);
    // Back before the caller knew: there is nothing to wait for.
    give(small);
    give(large);
    session.resized(decoder, 64, 64);
    expect(await shown()).toBe(true);
    expect(scripted.of('pictured').map((event) => event.width)).toEqual([64, 128, 128, 64, 128]);
    await scripted.close();
  });

  it('draws layers in order over the background, and only what it was told to', async () => {
    const scripted = new ScriptedSession(addon);
    const { session } = scripted;
    session.openCanvas(canvas, 128, 128);
    session.openStill(still, width, height, plain(60));
    session.openStill(other, width, height, plain(200));
    const at = (luma: number): number => grayOf(luma);
    // The luma of white is 235; 4 × 4 fields of 32 px each.
    const fields = async (): Promise<(number | undefined)[]> => {
      const seen = await look(scripted, canvas, 4);
      return [0, 1, 2, 3].map((field) => seen?.[field * 5]);
    };
    session.compose(canvas, 0xffffff, layers());
    expect(await fields()).toEqual([at(235), at(235), at(235), at(235)]);
    session.compose(
      canvas,
      0xffffff,
      layers(
        { picture: still, source: whole, destination: [0, 0, 64, 64] },
        { picture: other, source: whole, destination: [32, 32, 64, 64] },
      ),
    );
    expect(await fields()).toEqual([at(60), at(200), at(200), at(235)]);
    // In the other order, and from one end of the canvas to the other: what was there is background again.
    session.compose(
      canvas,
      0x000000,
      layers(
        { picture: other, source: whole, destination: [32, 32, 64, 64] },
        { picture: still, source: whole, destination: [64, 64, 64, 64] },
      ),
    );
    expect(await fields()).toEqual([at(16), at(200), at(60), at(60)]);
    await scripted.close();
  });

  it('leaves out what has no picture, is closed, or is smaller than what is to be drawn', async () => {
    const scripted = new ScriptedSession(addon);
    const { session } = scripted;
    session.openCanvas(canvas, width, height);
    session.openDecoder(decoder, 'h264');
    session.openStill(still, 32, 32, plain(200, { width: 32, height: 32 }));
    session.openStill(other, width, height, plain(200));
    session.closeObject(other);
    session.compose(
      canvas,
      0,
      layers(
        { picture: decoder, source: whole, destination: whole },
        { picture: other, source: whole, destination: whole },
        { picture: 77, source: whole, destination: whole },
        { picture: still, source: whole, destination: whole },
        { picture: still, source: [16, 16, 32, 16], destination: whole },
        { picture: still, source: [0, 0, 32, 32], destination: [64, 0, 128, 96] },
      ),
    );
    expect(new Set(await look(scripted, canvas))).toEqual(new Set([0]));
    expect(await look(scripted, decoder)).toBeUndefined();
    await scripted.close();
  });

  it('draws a new picture of a decoder where an old one was', async () => {
    const [first = new Uint8Array()] = await encodeClip(1);
    const scripted = new ScriptedSession(addon);
    const { session } = scripted;
    session.openCanvas(canvas, width, height);
    session.openDecoder(decoder, 'h264');
    const draw = layers({ picture: decoder, source: whole, destination: whole });
    session.compose(canvas, 0, draw);
    session.decode(decoder, first, 1, true);
    session.compose(canvas, 0, draw);
    expect(await look(scripted, canvas)).toEqual(await look(scripted, decoder));
    session.closeObject(decoder);
    session.compose(canvas, 0, draw);
    expect(new Set(await look(scripted, canvas))).toEqual(new Set([0]));
    await scripted.close();
  });

  it.each([
    ['with what is above it', whole],
    ['beside what stays', [0, 0, 80, 96]],
  ] as const)('draws again what has changed, %s', async (_, destination) => {
    const units = await encodeClip(2);
    const scripted = new ScriptedSession(addon);
    const { session } = scripted;
    session.openCanvas(canvas, width, height);
    session.openDecoder(decoder, 'h264');
    session.openStill(still, width, height, plain(200));
    const draw = layers(
      { picture: decoder, source: whole, destination },
      { picture: still, source: whole, destination: [96, 32, 64, 48] },
    );
    const seen: (Uint8Array | undefined)[] = [];
    for (const [index, unit] of units.entries()) {
      session.decode(decoder, unit, index, index === 0);
      session.compose(canvas, 0, draw);
      seen.push(await look(scripted, canvas, 16));
    }
    expect(seen[1]).not.toEqual(seen[0]);
    // In the middle of the still.
    for (const picture of seen) expect(Math.abs((picture?.[9 * 16 + 12] ?? 0) - grayOf(200))).toBeLessThan(4);
    await scripted.close();
  });

  it('draws another part of the same picture where it was', async () => {
    const scripted = new ScriptedSession(addon);
    const { session } = scripted;
    session.openCanvas(canvas, width, height);
    const halves = plain(60);
    for (let y = 0; y < height; y++) halves.fill(190, y * width + width / 2, (y + 1) * width);
    session.openStill(still, width, height, halves);
    for (const x of [0, width / 2]) {
      const source = [x, 0, width / 2, height] as const;
      session.compose(canvas, 0, layers({ picture: still, source, destination: whole }));
      const seen = (await look(scripted, canvas)) ?? Uint8Array.of();
      expect(Math.max(...seen.map((gray) => Math.abs(gray - grayOf(x === 0 ? 60 : 190))))).toBeLessThan(4);
    }
    await scripted.close();
  });

  it('taps in colour', async () => {
    const scripted = new ScriptedSession(addon);
    scripted.session.openCanvas(canvas, width, height);
    scripted.session.compose(canvas, 0xff2000, layers());
    scripted.session.tap(9, canvas, 3, 2, 'rgb');
    const { ticket, data } = await scripted.until('tapped');
    expect({ ticket, length: data?.length }).toEqual({ ticket: 9, length: 18 });
    const [red = 0, green = 0, blue = 0] = data?.subarray(15) ?? [];
    expect(Math.abs(red - 0xff) + Math.abs(green - 0x20) + Math.abs(blue)).toBeLessThan(12);
    await scripted.close();
  });

  it('calls what it cannot decode broken, takes only a key unit then, and keeps the picture', async () => {
    const [key = new Uint8Array(), delta = new Uint8Array()] = await encodeClip(2);
    const scripted = new ScriptedSession(addon);
    const { session } = scripted;
    session.openDecoder(decoder, 'h264');
    session.decode(decoder, delta, 1, false);
    session.decode(decoder, new Uint8Array(300).fill(0xa5), 2, true);
    session.decode(decoder, new Uint8Array(), 3, true);
    await scripted.until('broken', 3);
    session.decode(decoder, key, 4, true);
    session.decode(decoder, new Uint8Array(300).fill(0xa5), 5, false);
    session.decode(decoder, delta, 6, false);
    await scripted.until('broken', 5);
    expect(await look(scripted, decoder)).toHaveLength(64);
    session.decode(decoder, key, 7, true);
    session.decode(decoder, delta, 8, false);
    await scripted.until('pictured', 3);
    const told = scripted.events.flatMap((event) =>
      event.type === 'broken' || event.type === 'pictured' ? [`${event.type} ${event.timestamp}`] : [],
    );
    expect(told).toEqual([
      ...[
        'broken 1',
        'broken 2',
        'broken 3',
        'pictured 4',
        'broken 5',
        'broken 6',
        'pictured 7',
        'pictured 8',
      ],
    ]);
    await scripted.close();
  });

  it.each([
    ['vp8', (unit: Uint8Array) => unit.set([0xff, 0x3f, 0xff, 0x3f], 6)],
    ['vp9', (unit: Uint8Array) => unit.set([0x03, 0xff, 0xf3, 0xff, 0xf0 | ((unit[8] ?? 0) & 15)], 4)],
  ] as const)('%s: a size that nobody sends is refused, and fills no memory', async (codec, enlarge) => {
    const [unit = new Uint8Array()] = await encodeClip(1, codec);
    const scripted = new ScriptedSession(addon);
    scripted.session.openDecoder(decoder, codec);
    scripted.session.decode(decoder, unit, 0, true);
    await scripted.until('pictured');
    enlarge(unit);
    const before = process.memoryUsage().rss;
    for (let round = 0; round < 20; round++) scripted.session.decode(decoder, unit, round, true);
    await scripted.until('broken', 20);
    expect(process.memoryUsage().rss - before).toBeLessThan(200e6 + keptBySanitizers);
    expect(scripted.of('pictured')).toHaveLength(1);
    await scripted.close();
  });

  it('takes any bytes for a unit', async () => {
    const scripted = new ScriptedSession(addon);
    const codecs = addon.probe({ engine: 'cpu' }).decode.map(({ codec }) => codec);
    for (const [index, codec] of codecs.entries()) scripted.session.openDecoder(10 + index, codec);
    for (let length = 0; length < 200; length++) {
      const data = Uint8Array.from({ length }, (_, at) => (at * 37 + length * 11) & 255);
      for (const index of codecs.keys()) scripted.session.decode(10 + index, data, length, length % 3 === 0);
      await scripted.until('broken', scripted.of('broken').length + 1);
    }
    expect(scripted.of('failed')).toEqual([]);
    await scripted.close();
  });

  it('refuses work when its queue is full, but not the end of things, and tells how much', async () => {
    const scripted = new ScriptedSession(addon, { maxCommands: 20 });
    const { session } = scripted;
    session.openCanvas(canvas, 1280, 720);
    session.openEncoder(encoder, { ...settings, width: 1280, height: 720 });
    const taken = Array.from({ length: 100 }, (_, index) =>
      session.encode(encoder, canvas, index * 33, false),
    );
    const count = taken.filter((isTaken) => isTaken).length;
    // Nothing is delivered before this turn ends, so not even an engine that is done with some takes more than its bound.
    expect(count).toBeLessThanOrEqual(20);
    expect(taken.at(-1)).toBe(false);
    expect(session.progress().refused).toBe(100 - count);
    expect(session.closeObject(encoder)).toBe(true);
    await scripted.until('encoded', count);
    expect(session.openEncoder(encoder, settings)).toBe(true);
    await scripted.close();
  });

  it('refuses more bytes than it may hold', async () => {
    const scripted = new ScriptedSession(addon, { maxBytes: 100_000 });
    const { session } = scripted;
    session.openDecoder(decoder, 'vp8');
    expect(session.decode(decoder, new Uint8Array(100_000), 1, true)).toBe(false);
    expect(session.openStill(still, 512, 512, plain(1, { width: 512, height: 512 }))).toBe(false);
    expect(session.decode(decoder, new Uint8Array(50_000), 2, true)).toBe(true);
    await scripted.until('broken');
    // It was not opened, so its number is free.
    expect(session.openStill(still, width, height, plain(1))).toBe(true);
    await scripted.close();
  });

  it('ends when the engine cannot go on, with the reason, and frees everything', async () => {
    const scripted = new ScriptedSession(addon, { encoders: ['libx264'] });
    const { session } = scripted;
    session.openCanvas(canvas, width, height);
    session.openEncoder(encoder, { ...settings, codec: 'vp8' });
    session.encode(encoder, canvas, 1, true);
    await scripted.until('closed');
    expect(scripted.events.slice(-2)).toEqual([
      { type: 'failed', reason: 'there is no encoder for vp8', scope: 'session' },
      { type: 'closed' },
    ]);
    expect(session.progress().state).toBe('failed');
    expect(session.encode(encoder, canvas, 2, true)).toBe(false);
  });

  it('throws for what no caller may ask', async () => {
    const scripted = new ScriptedSession(addon);
    const { session } = scripted;
    session.openCanvas(canvas, width, height);
    session.openEncoder(encoder, settings);
    session.openDecoder(decoder, 'h264');
    const calls: readonly (() => unknown)[] = [
      () => session.openCanvas(canvas, width, height),
      () => session.openCanvas(0, width, height),
      () => session.openCanvas(1.5, width, height),
      () => session.openCanvas(9, 15, height),
      () => session.openCanvas(9, 17, height),
      () => session.openCanvas(9, 4098, height),
      () => session.openCanvas(9, Number.NaN, height),
      () => session.openStill(9, width, height, new Uint8Array(3)),
      () => session.openDecoder(9, wrong('mjpeg')),
      () => session.openDecoder(9, wrong(7)),
      () => session.openEncoder(9, { ...settings, width: 0 }),
      () => session.openEncoder(9, { ...settings, bitrateKbps: Number.POSITIVE_INFINITY }),
      () => session.openEncoder(9, wrong(7)),
      () => session.closeObject(9),
      () => session.decode(canvas, new Uint8Array(3), 1, true),
      () => session.decode(decoder, wrong([1]), 1, true),
      () => session.decode(decoder, new Uint8Array(3), Number.NaN, true),
      () => session.compose(encoder, 0, layers()),
      () => session.compose(canvas, -1, layers()),
      () => session.compose(canvas, 0, new Int32Array(8)),
      () => session.compose(canvas, 0, new Int32Array(9 * 257)),
      () => session.compose(canvas, 0, Int32Array.of(9, 0, 0, 16, 16, 1, 0, 16, 16)),
      () => session.compose(canvas, 0, Int32Array.of(9, 0, 0, 16, 16, -2, 0, 16, 16)),
      () => session.encode(encoder, decoder, 1, true),
      () => session.setRate(canvas, 100, 30),
      () => session.tap(1, canvas, 1, 2, 'gray'),
      () => session.tap(1, encoder, 2, 2, 'gray'),
      () => session.tap(1, canvas, 2, 2, wrong('cmyk')),
      () => addon.open({ engine: wrong('gpu') }, () => {}),
      () => addon.open({ engine: 'cpu', maxCommands: 0 }, () => {}),
      () => addon.open({ engine: 'cpu' }, wrong(1)),
      () => addon.open(wrong(1), () => {}),
      () => session.close.call(wrong({})),
    ];
    for (const call of calls) expect(call, String(call)).toThrow(/^(?!.*undefined).+/);
    expect(session.setRate(encoder, 0, 1e9)).toBe(true);
    expect(session.setRate(encoder, -1e300, -5)).toBe(true);
    session.encode(encoder, canvas, 1e300, false);
    await scripted.until('encoded');
    await scripted.close();
  });

  it('does ten thousand commands in order, and keeps nothing of them', { timeout: minutes }, async () => {
    const units = await encodeClip(8);
    const scripted = new ScriptedSession(addon);
    const { session } = scripted;
    session.openCanvas(canvas, width, height);
    session.openEncoder(encoder, settings);
    session.openDecoder(decoder, 'h264');
    const drawing = layers({ picture: decoder, source: whole, destination: [0, 0, 80, 48] });
    const rounds = 10_000 / 4;
    for (let round = 0; round < rounds; round++) {
      if (round % 100 === 0) await scripted.until('opened');
      const wanted = [
        session.decode(decoder, units[round % 8] ?? new Uint8Array(), round, round % 8 === 0),
        session.compose(canvas, round, drawing),
        session.encode(encoder, canvas, round * 33, round % 50 === 0),
        session.setRate(encoder, 500 + (round % 500), 30),
      ];
      expect(wanted).toEqual([true, true, true, true]);
      if (round % 50 === 49) await scripted.until('encoded', round + 1);
    }
    expect(scripted.of('pictured').map(({ timestamp }) => timestamp)).toEqual(
      Array.from({ length: rounds }, (_, i) => i),
    );
    expect(scripted.of('encoded').map(({ atMs }) => atMs)).toEqual(
      Array.from({ length: rounds }, (_, i) => i * 33),
    );
    await vi.waitFor(() =>
      expect(session.progress()).toMatchObject({ done: rounds * 4 + 3, refused: 0, busyMs: 0 }),
    );
    expect(addon.counters()).toMatchObject({
      sessions: 1,
      decoders: 1,
      canvases: 1,
      encoders: 1,
      queuedBytes: 0,
    });
    await scripted.close();
  });

  it('opens and closes two hundred times, also with work in the queue', { timeout: minutes }, async () => {
    const [key = new Uint8Array()] = await encodeClip(1);
    for (let round = 0; round < 20; round++) {
      const sessions = Array.from({ length: 10 }, () => new ScriptedSession(addon));
      for (const { session } of sessions) {
        session.openCanvas(canvas, width, height);
        session.openEncoder(encoder, settings);
        session.openDecoder(decoder, 'h264');
        session.openStill(still, width, height, plain(90));
        for (let index = 0; index < 10; index++) {
          session.decode(decoder, key, index, true);
          session.compose(canvas, index, layers({ picture: decoder, source: whole, destination: whole }));
          session.encode(encoder, canvas, index, false);
        }
      }
      await Promise.all(
        sessions.map(async (scripted, index) => {
          if (index % 2 === 0) await scripted.until('encoded');
          await scripted.close();
        }),
      );
    }
  });

  it('survives that threads are terminated in the middle of a picture', { timeout: minutes }, async () => {
    // Plain JavaScript, as it comes to run in a thread: it encodes large pictures without end.
    const program = `
      const { workerData, parentPort } = require('node:worker_threads');
      const addon = require(workerData.file);
      const session = addon.open({ engine: 'cpu' }, (events) => {
        for (const { type } of events) if (type === 'encoded') { parentPort.postMessage(type); encode(); }
      });
      session.openCanvas(1, 1920, 1080);
      session.openEncoder(2, { codec: 'vp9', width: 1920, height: 1080, framerate: 30, bitrateKbps: 4000 });
      let at = 0;
      const encode = () => {
        session.compose(1, at, new Int32Array(0));
        session.encode(2, 1, at++, true);
      };
      for (let index = 0; index < 20; index++) encode();
    `;
    for (let round = 0; round < 12; round++) {
      const worker = new Worker(program, { eval: true, workerData: { file: builtFile() } });
      await new Promise((resolve, reject) => {
        worker.once('message', resolve);
        worker.once('error', reject);
      });
      // Some at once, some while the engine is in the middle of the next picture.
      if (round % 2 === 0) await new Promise(setImmediate);
      await worker.terminate();
    }
  });

  it('makes what its listener throws an error that ends the thread', async () => {
    const program = `
      require(require('node:worker_threads').workerData.file).open({ engine: 'cpu' }, () => {
        throw new Error('of the listener');
      });
    `;
    const worker = new Worker(program, { eval: true, workerData: { file: builtFile() } });
    const thrown: readonly unknown[] = await once(worker, 'error');
    expect(thrown).toMatchObject([{ message: 'of the listener' }]);
    await worker.terminate();
  });

  it('lets a process end in the middle of a picture', { timeout: minutes }, async () => {
    const program = `
      const session = require(process.argv[1]).open({ engine: 'cpu' }, (events) => {
        if (events.some(({ type }) => type === 'encoded')) process.exit(7);
      });
      session.openCanvas(1, 1920, 1080);
      session.openEncoder(2, { codec: 'vp9', width: 1920, height: 1080, framerate: 30, bitrateKbps: 4000 });
      for (let index = 0; index < 20; index++) session.encode(2, 1, index, true);
    `;
    for (let round = 0; round < 3; round++) {
      const child = spawn(process.execPath, ['-e', program, builtFile()], { stdio: 'inherit' });
      await once(child, 'exit');
      expect(child).toMatchObject({ exitCode: 7, signalCode: null });
    }
  });

  it('is loaded from where it was built, or tells why not', () => {
    const reasonAt = (folder: string): string | undefined => {
      const loaded = loadAddon(folder);
      return loaded.addon === undefined ? loaded.reason : undefined;
    };
    expect(reasonAt('/nowhere')).toMatch(/not built: run npm run build:native/);
    expect(reasonAt(join(import.meta.dirname, 'build'))).toMatch(/there is no binary/);
    expect(addon.engines).toContain('cpu');
    expect(addon.version).toMatch(/^libavcodec \d+/);
  });

  it('is not loaded, and nothing breaks, when its binary is no binary', () => {
    const folder = mkdtempSync(join(tmpdir(), 'sluice-native-'));
    writeFileSync(join(folder, 'media-va.node'), 'no binary');
    writeFileSync(join(folder, 'media-cpu.node'), '');
    try {
      expect(loadAddon(folder)).toMatchObject({ addon: undefined });
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

/** The binary that the tests run. */
function builtFile(): string {
  const loaded = loadAddon();
  if (loaded.addon === undefined) throw new Error(loaded.reason);
  return loaded.file;
}
