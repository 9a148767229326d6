// Owns the proof that a host with several GPUs keeps them apart: each is drained, filled and lost for itself. With real worker
// processes, the real addon and simulated GPUs; rooms are documents on the bus.
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { readSettings } from '../../deploy/settings/settings.ts';
import { startWorkerHost, type WorkerHost } from '../../deploy/worker-host/worker-host.ts';
import { watchWorkers } from '../../edge/cluster/worker-watch.ts';
import { createClusterView, nodeNamed, type ClusterView } from '../../edge/management/cluster-view.ts';
import { createMemoryPorts } from '../../edge/platform/memory/ports.ts';
import { nodeClock } from '../../edge/platform/node/clock.ts';
import { createLog } from '../../edge/platform/node/log.ts';
import { nodeRandom } from '../../edge/platform/node/random.ts';
import type { Ports } from '../../edge/store/ports.ts';
import { channels } from '../../schemas/bus.ts';
import type { ClusterDevice } from '../../schemas/cluster.ts';
import type { MediaUse } from '../../schemas/device.ts';
import { hasBuiltAddon } from '../../workers/devices/built-addon.ts';
import type { EngineChoice } from '../../workers/engine/engine-choice.ts';
import { gridInputs, outputOf, viewOf } from '../../workers/video/scripted-view.ts';
import { builtFolder } from '../../wasm/locate.ts';
import { type TestGpu, testGpu, whyNoTestGpu } from './test-gpu.ts';

const reason =
  whyNoTestGpu() ??
  (hasBuiltAddon() ? undefined : 'the native engine is not built') ??
  (builtFolder() === undefined ? 'the codec modules are not built' : undefined);
const root = join(import.meta.dirname, '../..');
const format = { codec: 'h264' } as const;
const capabilities = { decode: [format], encode: [format], maxSize: 4096 };
const patience = { timeout: 60_000, interval: 200 };

describe.skipIf(reason !== undefined)(
  `two GPUs of a host${reason === undefined ? '' : ` (${reason})`}`,
  () => {
    const environment = { ...process.env };
    let gpu: TestGpu;
    let ports: Ports;
    let host: WorkerHost;
    let view: ClusterView;
    let stopWatch: () => void;
    let version = 0;
    const pids: number[] = [];

    beforeAll(async () => {
      execFileSync(process.execPath, [join(root, 'deploy/build.mjs')]);
      gpu = testGpu({ devices: 2 });
      Object.assign(process.env, gpu.env);
      const [clock, random, log] = [nodeClock, nodeRandom, createLog({ name: 'test', level: 'silent' })];
      ports = await createMemoryPorts({ clock, random });
      stopWatch = watchWorkers({ ...ports, clock, log });
      const engines = (index: number): EngineChoice[] => {
        const device = gpu.devices[index];
        return [{ id: 'vaapi', ...(device !== undefined && { device }), pictureMs: 10, capabilities }];
      };
      host = startWorkerHost({
        ...ports,
        ...{ name: 'h', clock, random, log, processes: 2, engines },
        settings: readSettings('[log]\nlevel = "error"\n[webrtc]\nudp_port = 0\nhost = "127.0.0.1"', {}),
        program: join(root, 'build/server/worker.js'),
        changed: (_, pid) => {
          if (pid !== undefined) pids.push(pid);
        },
      });
      const answers = { config: () => ({}), rooms: () => [] };
      view = createClusterView({ ...ports, log, edge: 'e', answers });
      await vi.waitFor(async () => expect(await view.devices()).toHaveLength(2), patience);
    }, 120_000);

    afterAll(async () => {
      await host.close(1000);
      stopWatch();
      await ports.close();
      process.env = environment;
      gpu.close();
    });

    /** The two, with the worker that has each. */
    async function both(): Promise<readonly [Device, Device]> {
      const found = (await view.devices()).map((device) => ({ ...device, worker: device.workers[0] ?? '' }));
      const [one, other] = found;
      if (one === undefined || other === undefined) throw new Error('devices are missing');
      return [one, other];
    }
    type Device = ClusterDevice & { readonly worker: string };

    const media = async ({ worker }: Device): Promise<MediaUse> =>
      view.media(nodeNamed(await view.nodes(), worker));
    const mix = (device: Device, room: string, on = true): Promise<unknown> => {
      const output = outputOf(`${room}-out`, { codec: 'h264' });
      // A muted camera: the avatar is a picture as any.
      const layers = [{ track: 'camera-track', format }];
      const inputs = gridInputs(['camera'], 1).map((input) => ({ ...input, layers, active: false }));
      const mixers = on ? [viewOf(inputs, [output], { id: room })] : [];
      const desired = { room, version: (version += 1), transports: [], mixers };
      return ports.bus.request(channels.worker(device.worker), { type: 'desired', desired }, 5000);
    };
    const engines = async (device: Device): Promise<Record<string, string>> =>
      Object.fromEntries((await media(device)).pipelines.map(({ room, engine }) => [room, engine]));
    const making = (device: Device, room: string, engine: string): Promise<void> =>
      vi.waitFor(async () => {
        const made = (await media(device)).pipelines.find((each) => each.room === room);
        expect(made).toMatchObject({ engine });
        expect(made?.framerate.made).toBeGreaterThan(0);
      }, patience);
    const states = async () => (await view.devices()).map(({ state }) => state);
    const picked = async (task: string): Promise<string> => {
      const picked = await ports.registry.pick(
        { purpose: 'video', task, origin: { isp: '', region: '' }, reserveMs: 1 },
        Date.now(),
      );
      return picked.worker ?? picked.why;
    };

    it('have a worker each, which says how it and its pipelines fare', { timeout: 120_000 }, async () => {
      const [one, other] = await both();
      expect([one.id, other.id]).toEqual(['h.renderD128', 'h.renderD129']);
      expect(one.worker).not.toBe(other.worker);
      await mix(one, 'a');
      await mix(other, 'b');
      await making(one, 'a', 'vaapi');
      await making(other, 'b', 'vaapi');
      // What was measured is told after the first pictures.
      await vi.waitFor(async () => {
        const { device, pipelines } = await media(one);
        expect(device).toMatchObject({ node: '/dev/dri/renderD128', state: 'used', part: 1 });
        expect(device?.taken).toBeGreaterThan(0);
        expect(pipelines).toMatchObject([{ room: 'a', fallbacks: 0 }]);
        expect(pipelines[0]?.encodeMs.p99).toBeGreaterThan(0);
      }, patience);
    });

    it(
      'one that drains gets nothing new; without it its mixers go on in software',
      { timeout: 120_000 },
      async () => {
        const [one, other] = await both();
        expect(await view.drainDevice(one.id, { drain: true, software: false })).toMatchObject({
          state: 'draining',
          rest: { rooms: 1, mixers: 1 },
        });
        await vi.waitFor(async () => expect(await states()).toEqual(['draining', 'used']), patience);
        expect(new Set(await Promise.all(['1', '2', '3'].map(picked)))).toEqual(new Set([other.worker]));
        // The operator does without it.
        await view.drainDevice(one.id, { drain: true, software: true });
        await making(one, 'a', 'wasm');
        expect((await media(one)).pipelines[0]).toMatchObject({ fallbacks: 0 });
        expect(await engines(other)).toEqual({ b: 'vaapi' });
        await vi.waitFor(async () => expect(await states()).toEqual(['drained', 'used']), patience);
        await view.drainDevice(one.id, { drain: false, software: false });
        await vi.waitFor(async () => expect(await states()).toEqual(['used', 'used']), patience);
        await mix(one, 'a', false);
        await mix(one, 'a2');
        await making(one, 'a2', 'vaapi');
      },
    );

    it(
      'take what is measured to fit: the rest is made in software, and placed elsewhere',
      { timeout: 120_000 },
      async () => {
        const [one, other] = await both();
        // Of 33 ms for a picture: no other has room beside it, however fast the machine is.
        gpu.inject({ kind: 'slow', ms: 28, on: 'encode' });
        await vi.waitFor(async () => {
          for (const each of [one, other]) expect((await media(each)).device?.taken).toBeGreaterThan(0.8);
        }, patience);
        const rooms = ['b2', 'b3', 'b4'];
        await Promise.all(rooms.map((room) => mix(other, room)));
        for (const room of rooms) await making(other, room, 'wasm');
        expect((await engines(other)).b).toBe('vaapi');
        await vi.waitFor(async () => {
          const tasks = Array.from({ length: 30 }, (_, task) => `t${task}`);
          expect(new Set(await Promise.all(tasks.map(picked)))).toEqual(new Set(['full']));
        }, patience);
        gpu.inject();
        for (const room of rooms) await mix(other, room, false);
      },
    );

    it(
      'one whose driver crashes costs neither a worker nor the other one',
      { timeout: 120_000 },
      async () => {
        const [one, other] = await both();
        const before = (await media(other)).pipelines.map(({ rebuilds }) => rebuilds);
        // All processes in which the first worker uses its GPU.
        const worker = pids.find((pid) => childrenOf(pid).some((child) => usesNode(child, one.node)));
        if (worker === undefined) throw new Error('no process uses the first GPU');
        for (const child of childrenOf(worker)) if (usesNode(child, one.node)) process.kill(child, 'SIGSEGV');
        await making(one, 'a2', 'wasm');
        const { pipelines } = await media(one);
        expect(pipelines[0]).toMatchObject({
          fallbacks: 1,
          fallbackReason: expect.stringMatching(/SIGSEGV/) as string,
        });
        await vi.waitFor(async () => expect(await states()).toEqual(['left-out', 'used']), patience);
        expect((await media(other)).pipelines).toMatchObject([
          { room: 'b', engine: 'vaapi', rebuilds: before[0] },
        ]);
        expect([pids.length, host.running]).toEqual([2, 2]);
      },
    );
  },
);

function childrenOf(pid: number): number[] {
  try {
    const listed = execFileSync('ps', ['--ppid', String(pid), '-o', 'pid='], { encoding: 'utf8' });
    return listed.split(/\s+/).filter(Boolean).map(Number);
  } catch {
    return [];
  }
}

/** Whether the process has the render node open, as the shim leads it. */
function usesNode(pid: number, node: string): boolean {
  const name = node.split('/').at(-1) ?? '';
  const listed = execFileSync('ls', ['-l', `/proc/${pid}/fd`], { encoding: 'utf8' });
  return listed.includes(name);
}
