// Owns the proof, on real processes, that a worker's death is announced at once and another one started.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createMemoryPorts } from '../../edge/platform/memory/ports.ts';
import { nodeClock } from '../../edge/platform/node/clock.ts';
import { createLog } from '../../edge/platform/node/log.ts';
import { nodeRandom } from '../../edge/platform/node/random.ts';
import { madeWorker } from '../../edge/store/conformance/made-worker.ts';
import type { Ports } from '../../edge/store/ports.ts';
import { superviseWorker, type WorkerSupervisor } from './worker-supervisor.ts';

let folder = '';
let ports: Ports;
let supervisor: WorkerSupervisor | undefined;
let pids: (number | undefined)[] = [];
let said = '';
let heard: ((pid: number | undefined) => void)[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sluice-supervisor-'));
  ports = await createMemoryPorts({ clock: nodeClock, random: nodeRandom });
  pids = [];
  said = '';
  heard = [];
});
afterEach(async () => {
  await supervisor?.close(200);
  await ports.close();
  await rm(folder, { recursive: true });
});

async function supervise(program: string): Promise<void> {
  const file = join(folder, 'worker.mjs');
  await writeFile(file, program);
  supervisor = superviseWorker({
    bus: ports.bus,
    registry: ports.registry,
    clock: nodeClock,
    random: nodeRandom,
    log: createLog({ name: 'test', write: (line) => void (said += line) }),
    program: file,
    env: (id) => ({ ID: id }),
    changed: (pid) => {
      pids.push(pid);
      for (const tell of heard.splice(0)) tell(pid);
    },
  });
}

const change = (): Promise<number | undefined> => new Promise((resolve) => heard.push(resolve));
const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

/** Announces itself like a worker, then stays. */
const announcing = `
process.send({ t: 'publish', channel: 'up', message: process.env.ID });
setInterval(() => {}, 1000);`;

it('announces the death and starts another worker under another id', async () => {
  const ids: unknown[] = [];
  let tell: (() => void) | undefined;
  ports.bus.subscribe('up', (id) => {
    ids.push(id);
    tell?.();
  });
  const up = (): Promise<void> => new Promise((resolve) => (tell = resolve));
  const first = up();
  await supervise(announcing);
  await first;
  const [id] = ids;
  await ports.registry.announce(madeWorker(String(id)), nodeClock.now());
  const lost = new Promise((resolve) => {
    ports.registry.watch((worker, reason) => {
      resolve([worker, reason]);
    });
  });
  const second = up();
  process.kill(pids[0] ?? 0, 'SIGKILL');
  expect(await lost).toEqual([id, 'killed by SIGKILL']);
  await second;
  expect(pids).toHaveLength(3);
  expect(pids[1]).toBeUndefined();
  expect(ids[1]).not.toBe(ids[0]);
});

it('starts another when a worker ends by itself', async () => {
  await supervise(`process.exit(Date.now() % 2 ? 0 : 3)`);
  while (pids.filter((pid) => pid !== undefined).length < 3) await change();
  expect(pids[1]).toBeUndefined();
});

it('kills a worker that was given up for silent', async () => {
  const up = new Promise((resolve) => ports.bus.subscribe('up', resolve));
  await supervise(announcing);
  const id = String(await up);
  const began = nodeClock.now();
  await ports.registry.announce(madeWorker(id), began - 10_000);
  const died = change();
  await ports.registry.sweep(began, 3000);
  expect(await died).toBeUndefined();
  expect(isAlive(pids[0] ?? 0)).toBe(false);
});

/** Like the real one, signals are not for it. */
const listening = `
process.on('SIGTERM', () => {});
process.on('message', ({ t }) => t === 'end' && process.exit());`;

it('a signal to the whole group ends no worker before its host does; its good-bye is no silence', async () => {
  const up = new Promise((resolve) => ports.bus.subscribe('up', resolve));
  await supervise(`${listening}${announcing}`);
  const id = String(await up);
  await ports.registry.announce(madeWorker(id), nodeClock.now());
  process.kill(pids[0] ?? 0, 'SIGTERM');
  await ports.registry.remove(id, 'quit');
  await supervisor?.close(5000);
  expect(said).toContain('reason="exit code 0"');
  expect(said).not.toContain('does not answer');
});

it.each([
  ['one that ends when told', `${listening}${announcing}`, 5000],
  ['one that does not listen', announcing, 300],
])('ends %s, and starts no other', async (_name, program, patienceMs) => {
  const up = new Promise((resolve) => ports.bus.subscribe('up', resolve));
  await supervise(program);
  await up;
  await supervisor?.close(patienceMs);
  expect(isAlive(pids[0] ?? 0)).toBe(false);
  expect(pids).toHaveLength(2);
});
