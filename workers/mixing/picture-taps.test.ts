import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { loadAddon } from '../../native/load-addon.ts';
import type { DesiredPictureTap } from '../../schemas/picture-tap.ts';
import type { DesiredMixer } from '../../schemas/worker.ts';
import { describeBuilt } from '../../wasm/scripted-modules.ts';
import { ManualClock } from '../agent/testing/manual-clock.ts';
import { steadyClock } from '../agent/system.ts';
import type { EngineChoice } from '../engine/engine-choice.ts';
import { Routers } from '../routing/routers.ts';
import { outputOf, viewOf } from '../video/scripted-view.ts';
import type { Turn } from './messages.ts';
import { createMixNode, type MixNode } from './node.ts';
import type { TappedPicture } from './pipeline.ts';
import { ScriptedPipeline, ScriptedThreads } from './scripted-threads.ts';
import { startMixing } from './start-mixing.ts';
import { ThreadHost } from './thread-host.ts';

const size = { width: 64, height: 36 };
const tap: DesiredPictureTap = { id: 'all', ...size, pixels: 'rgb', framerate: 10 };
const view = viewOf([], [outputOf('out')], { taps: [tap], background: { r: 20, g: 140, b: 130 } });
const log = { info: () => undefined, warn: () => undefined, error: () => undefined };
const picture = (): TappedPicture => ({
  tap: 'all',
  ...{ width: 2, height: 1, pixels: 'gray' },
  data: Uint8Array.of(7, 9),
  atMs: 5,
});
const wish = (version: number, mixers: readonly DesiredMixer[] = [view]) => ({
  ...{ room: 'r', version, transports: [] },
  mixers: [...mixers],
});

describe('pictures for programs', () => {
  it('are handed over by their thread, which hears when they were taken', async () => {
    const clock = new ManualClock();
    const sent: { readonly turn: Turn; readonly transfer: readonly ArrayBuffer[] }[] = [];
    const pipelines: ScriptedPipeline<typeof view>[] = [];
    const host = new ThreadHost({
      nowMs: () => clock.now(),
      after: (ms, callback) => clock.after(ms, callback),
      send: (turn, transfer) => sent.push({ turn, transfer }),
      openVideo: async (out) => {
        const pipeline = new ScriptedPipeline<typeof view>(out);
        pipelines.push(pipeline);
        return pipeline;
      },
      openAudio: () => Promise.reject(new Error('no sound')),
    });
    host.receive({ commands: [{ type: 'open', pipeline: 1, settings: view, engine: undefined }] });
    await clock.advance(10);
    const [pipeline] = pipelines;
    const given = picture();
    pipeline?.out.tapped(given);
    await clock.advance(0);
    const events = [{ pipeline: 1, event: { type: 'tapped', picture: given } }];
    expect(sent.at(-1)).toMatchObject({ turn: { events }, transfer: [given.data.buffer] });
    host.receive({ commands: [{ type: 'tap-taken', pipeline: 1, tap: 'all' }] });
    expect(pipeline?.taken).toEqual(['all']);
    host.close();
  });

  it('come with the names of room and mixer, and make room for the next', async () => {
    const clock = new ManualClock();
    const threads = new ScriptedThreads(clock);
    const tapped = vi.fn();
    const node = createMixNode({
      ...{ routers: new Routers(), clock, log, report: () => undefined, cores: 2, tapped },
      startThread: threads.start,
    });
    await clock.advance(10);
    node.apply(wish(1));
    await clock.advance(10);
    threads.latest.out.tapped(picture());
    await clock.advance(20);
    expect(tapped.mock.calls).toEqual([['r', view.id, picture()]]);
    expect(threads.latest.taken).toEqual(['all']);
    node.apply(wish(2, []));
    threads.latest.out.tapped(picture());
    await clock.advance(20);
    expect(tapped).toHaveBeenCalledTimes(1);
    node.close();
  });
});

describeBuilt('pictures for programs, from real threads', () => {
  const loaded = loadAddon();
  const formats = [{ codec: 'vp8' }] as const;
  const capabilities = { decode: [...formats], encode: [...formats], maxSize: 4096 };
  let folder: string;
  let node: MixNode;
  let tapped: { readonly mixer: string; readonly picture: TappedPicture }[];

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sluice-taps-'));
    await build({
      ...{ entryPoints: [join(import.meta.dirname, 'thread.ts')], outfile: join(folder, 'thread.mjs') },
      ...{ bundle: true, format: 'esm', platform: 'node', target: 'node20' },
    });
  });
  afterAll(async () => {
    await rm(folder, { recursive: true, force: true });
  });
  beforeEach(() => {
    tapped = [];
  });
  afterEach(() => {
    node.close();
  });

  async function begin(id: EngineChoice['id']): Promise<void> {
    node = await startMixing({
      ...{ routers: new Routers(), clock: steadyClock, log, report: () => undefined },
      ...(loaded.addon === undefined ? {} : { nativeFolder: dirname(loaded.file) }),
      engines: [{ id, capabilities }],
      program: pathToFileURL(join(folder, 'thread.mjs')),
      tapped: (_, mixer, picture) => tapped.push({ mixer, picture }),
    });
  }
  const until = (count: number): Promise<void> =>
    vi.waitFor(() => expect(tapped.length).toBeGreaterThanOrEqual(count), { timeout: 10_000 });

  for (const id of ['wasm', 'cpu'] as const) {
    it.skipIf(id === 'cpu' && loaded.addon === undefined)(
      `arrive whole, one after another (${id})`,
      async () => {
        await begin(id);
        node.apply(wish(1));
        await until(4);
        for (const { mixer, picture } of tapped) {
          expect(mixer).toBe(view.id);
          expect(picture).toMatchObject({ tap: 'all', ...size, pixels: 'rgb' });
          expect(picture.data.length).toBe(size.width * size.height * 3);
          for (const [index, value] of [20, 140, 130].entries()) {
            expect(Math.abs((picture.data[3 * 777 + index] ?? NaN) - value)).toBeLessThan(6);
          }
        }
        const times = tapped.map(({ picture: { atMs } }) => atMs);
        for (const [index, atMs] of times.slice(1).entries()) {
          expect(atMs - (times[index] ?? atMs)).toBeGreaterThan(1000 / tap.framerate - 1);
        }
        expect(Math.abs((times.at(-1) ?? 0) - steadyClock.now())).toBeLessThan(10_000);
      },
    );
  }

  it('go on after a thread was lost, and end with the wish', async () => {
    await begin('wasm');
    node.apply(wish(1));
    await until(2);
    node.disturb('kill', 'video');
    const before = tapped.length;
    await until(before + 3);
    node.apply(wish(2, [{ ...view, id: 'other' }]));
    const index = tapped.length;
    await until(index + 5);
    expect(tapped.slice(index).every(({ mixer }) => mixer === 'other')).toBe(true);
  });
});
