// Owns the proof, on real processes, that the workers of a machine drain before they end.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createMemoryPorts } from '../../edge/platform/memory/ports.ts';
import { nodeClock } from '../../edge/platform/node/clock.ts';
import { createLog } from '../../edge/platform/node/log.ts';
import { nodeRandom } from '../../edge/platform/node/random.ts';
import type { Ports } from '../../edge/store/ports.ts';
import { readSettings } from '../settings/settings.ts';
import { startWorkerHost, type WorkerHost } from './worker-host.ts';

let folder = '';
let ports: Ports;
let host: WorkerHost | undefined;
let pids: Map<number, number | undefined>;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sluice-host-'));
  ports = await createMemoryPorts({ clock: nodeClock, random: nodeRandom });
  pids = new Map();
});
afterEach(async () => {
  await host?.close(200);
  await ports.close();
  await rm(folder, { recursive: true });
});

/** Has as many rooms as ROOMS says, one fewer each time it is told to drain; says what it is told. */
const program = `
const { id, webrtc } = JSON.parse(process.env.SLUICE_WORKER);
let rooms = Number(process.env.ROOMS);
process.send({ t: 'serve', channel: 'worker.' + id });
process.send({ t: 'publish', channel: 'said', message: { id, port: webrtc.udpPort } });
process.on('message', (frame) => {
  if (frame.t !== 'request') return;
  const { on } = frame.message;
  process.send({ t: 'publish', channel: 'said', message: { id, on } });
  process.send({ t: 'reply', id: frame.id, ok: true, message: { rooms } });
  rooms = Math.max(0, rooms - 1);
});
setInterval(() => {}, 1000);`;

async function start(rooms: number): Promise<readonly Record<string, unknown>[]> {
  const said: Record<string, unknown>[] = [];
  const up = new Promise<void>((resolve) => {
    ports.bus.subscribe('said', (message) => {
      if (typeof message !== 'object' || message === null) return;
      said.push(Object.fromEntries(Object.entries(message)));
      if (said.length === 2) resolve();
    });
  });
  const file = join(folder, 'worker.mjs');
  await writeFile(file, program);
  process.env.ROOMS = String(rooms);
  host = startWorkerHost({
    name: 'host',
    bus: ports.bus,
    registry: ports.registry,
    clock: nodeClock,
    random: nodeRandom,
    log: createLog({ name: 'test', level: 'silent' }),
    settings: readSettings('[webrtc]\nudp_port = 5000', {}),
    processes: 2,
    program: file,
    changed: (index, pid) => pids.set(index, pid),
  });
  await up;
  return said;
}

it('as many as asked for, each on a port of its own; they end when none has a room any more', async () => {
  const said = await start(2);
  expect(said.map(({ port }) => port).sort()).toEqual([5000, 5001]);
  expect(host?.running).toBe(2);
  await host?.drain(60_000);
  // Twice a room each, then none.
  expect(said.filter(({ on }) => on === true)).toHaveLength(6);
  await host?.close(1000);
  expect(host?.running).toBe(0);
  expect([...pids.values()]).toEqual([undefined, undefined]);
});

it('or when the deadline has passed, or nobody waits for that any more', async () => {
  await start(1_000_000);
  await host?.drain(0);
  const draining = host?.drain(60_000);
  await host?.close(200);
  await draining;
  expect(host?.running).toBe(0);
});
