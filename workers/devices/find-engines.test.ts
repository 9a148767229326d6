// Owns the proof of what is tried, what is kept, and what makes it be tried again.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { EngineWish } from './choose-engines.ts';
import type { EngineReport } from './engine-report.ts';
import type { EngineSubject } from './engine-subject.ts';
import { findEngines } from './find-engines.ts';
import { driverFiles, machineState } from './machine-state.ts';
import { createProbeCache } from './probe-cache.ts';
import type { RenderNode } from './render-nodes.ts';

let folder = '';
let tried: string[] = [];
let broken: readonly string[] = [];
let vendor = 'Some driver 1.0';
let hoursLater = 0;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sluice-engines-'));
  tried = [];
  broken = [];
  hoursLater = 0;
  vendor = 'Some driver 1.0';
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

const node = (path: string, slot: string): RenderNode => ({ path, slot, driver: 'i915', pciId: '8086:9a49' });
const nodes = [node('/dev/dri/renderD128', '0000:00:02.0'), node('/dev/dri/renderD129', '0000:03:00.0')];
const textOf = ({ engine, device }: EngineSubject): string => `${engine} ${device ?? ''}`.trim();

function find(
  wish: Partial<EngineWish> = {},
  hasAddon = true,
  present = nodes,
): Promise<readonly EngineReport[]> {
  return findEngines({
    wish: { engines: ['auto'], device: 'auto', ...wish },
    nodes: present,
    hasAddon,
    stateOf: (subject) => machineState(subject, present, {}),
    cache: createProbeCache(join(folder, 'cache'), () => Date.now() + hoursLater * 3_600_000),
    probe: async (subject) => {
      tried.push(textOf(subject));
      if (broken.includes(textOf(subject))) return { outcome: 'fails', ...subject, reason: 'broken' };
      const probe = { vendor, addon: '', decode: [], encode: [], maxSide: 4096 };
      const test = { psnrDb: 40, msPerPicture: 1, cpuMsPerPicture: 1, struck: [] };
      return { outcome: 'works', ...subject, probe, test };
    },
  });
}

describe('finding engines', () => {
  it('tries every device and the software, once', async () => {
    const all = ['vaapi /dev/dri/renderD128', 'vaapi /dev/dri/renderD129', 'cpu', 'wasm'];
    expect((await find()).map(textOf)).toEqual(all);
    expect(tried).toEqual(all);
    tried = [];
    expect((await find()).map(textOf)).toEqual(all);
    expect(tried).toEqual([]);
  });

  it('tries only what was asked for and can be there', async () => {
    await find({ engines: ['vaapi'], device: '/dev/dri/renderD129' });
    expect(tried).toEqual(['vaapi /dev/dri/renderD129']);
    tried = [];
    await find({}, false);
    expect(tried).toEqual(['wasm']);
  });

  it('tries a device that failed again at each start, and software every hour', async () => {
    const wish = { engines: ['vaapi', 'cpu'], device: '/dev/dri/renderD128' } as const;
    const device = 'vaapi /dev/dri/renderD128';
    broken = [device, 'cpu'];
    expect((await find(wish)).map(({ outcome }) => outcome)).toEqual(['fails', 'fails']);
    broken = [];
    tried = [];
    expect((await find(wish)).map(({ outcome }) => outcome)).toEqual(['works', 'fails']);
    hoursLater = 1.01;
    expect((await find(wish)).map(({ outcome }) => outcome)).toEqual(['works', 'works']);
    hoursLater = 1000;
    await find(wish);
    expect(tried).toEqual([device, 'cpu']);
  });

  it('knows a device by where it is plugged in, not by its name', async () => {
    await find({ engines: ['vaapi'] });
    tried = [];
    const renamed = [node('/dev/dri/renderD129', '0000:00:02.0')];
    expect((await find({ engines: ['vaapi'] }, true, renamed)).map(textOf)).toEqual([
      'vaapi /dev/dri/renderD129',
    ]);
    expect(tried).toEqual([]);
    await find({ engines: ['vaapi'] }, true, [node('/dev/dri/renderD128', '0000:09:00.0')]);
    expect(tried).toEqual(['vaapi /dev/dri/renderD128']);
  });

  it('keeps nothing of simulated GPUs', async () => {
    vendor = 'Sluice test driver, not a GPU';
    await find({ engines: ['vaapi'] });
    await find({ engines: ['vaapi'] });
    expect(tried).toHaveLength(4);
  });

  it('goes on without a cache that is damaged or cannot be written', async () => {
    writeFileSync(join(folder, 'cache'), 'a file where the folder should be');
    await find({ engines: ['wasm'] });
    await find({ engines: ['wasm'] });
    expect(tried).toEqual(['wasm', 'wasm']);
    const cache = createProbeCache(join(folder, 'other'));
    const [report] = await find({ engines: ['wasm'] });
    if (report !== undefined) cache.put('key', report);
    expect(cache.get('key')).toEqual(report);
    expect(cache.get('another key')).toBeUndefined();
  });
});

describe('the files of drivers', () => {
  const write = (path: string, text: string): void => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  };

  it('change what is known of a machine when they are replaced, added or chosen otherwise', () => {
    const states = new Set<string>();
    const look = (env: Record<string, string> = {}): unknown =>
      states.add(JSON.stringify(driverFiles(env, folder)));
    look();
    write('usr/lib64/dri/iHD_drv_video.so', 'one');
    look();
    write('usr/lib64/dri/iHD_drv_video.so', 'another');
    look();
    write('usr/lib64/libva.so.2', 'libva');
    look();
    look({ LIBVA_DRIVER_NAME: 'i965' });
    write('opt/drivers/iHD_drv_video.so', 'mine');
    look({ LIBVA_DRIVERS_PATH: '/opt/drivers' });
    write('usr/lib64/dri/readme', 'no driver');
    look();
    // The last is as it was before the environment changed.
    expect(states.size).toBe(6);
  });
});
