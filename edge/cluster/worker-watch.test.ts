import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { channels, type Unsubscribe } from '../../schemas/bus.ts';
import { createManualClock, type ManualClock } from '../platform/memory/manual-clock.ts';
import { createMemoryPorts } from '../platform/memory/ports.ts';
import { createLog } from '../platform/node/log.ts';
import { nodeRandom } from '../platform/node/random.ts';
import { madeWorker } from '../store/conformance/made-worker.ts';
import type { Ports } from '../store/ports.ts';
import type { Registry } from '../store/registry.ts';
import { watchWorkers } from './worker-watch.ts';

let clock: ManualClock;
let ports: Ports;
let stop: Unsubscribe;
let lost: string[];

beforeEach(async () => {
  clock = createManualClock();
  ports = await createMemoryPorts({ clock, random: nodeRandom });
  lost = [];
  ports.registry.watch((worker, reason) => lost.push(`${worker} ${reason}`));
  stop = watchWorkers({ ...ports, clock, log: createLog({ name: 'test', level: 'silent' }) });
});
afterEach(async () => {
  stop();
  await ports.close();
});

function announce(over: object = {}): void {
  ports.bus.publish(channels.workers, { ...madeWorker('w1', { load: 0.1 }), ...over });
}

it('cluster#2 a silent worker is removed between 3 and 5 s after its last word, once', async () => {
  announce();
  await clock.advance(3500);
  announce({ load: { webrtc: 0.2 } });
  await clock.advance(3000);
  expect(await ports.registry.alive()).toHaveLength(1);
  expect(lost).toEqual([]);
  await clock.advance(2000);
  expect(lost).toEqual(['w1 lost']);
  await clock.advance(10_000);
  expect(lost).toEqual(['w1 lost']);
});

it('cluster#2 a worker that quits is removed at once', async () => {
  announce();
  ports.bus.publish(channels.workers, { type: 'quit', worker: 'w1' });
  await clock.advance(0);
  expect(lost).toEqual(['w1 quit']);
});

it('takes nobody for lost because this process stood still itself', async () => {
  announce();
  await clock.advance(0);
  stop();
  let now = clock.now();
  let sweep: () => void = () => undefined;
  const frozen = {
    now: () => now,
    after: () => () => undefined,
    every: (_ms: number, callback: () => void) => {
      sweep = callback;
      return () => undefined;
    },
  };
  stop = watchWorkers({ ...ports, clock: frozen, log: createLog({ name: 'test', level: 'silent' }) });
  now += 10_000;
  sweep();
  expect(lost).toEqual([]);
  now += 1000;
  sweep();
  expect(lost).toEqual(['w1 lost']);
});

describe('an edge that was cut off', () => {
  const log = createLog({ name: 'test', level: 'silent' });

  it('takes nobody for lost while it does not hear even itself, nor soon after', async () => {
    stop();
    stop = watchWorkers({ ...ports, clock, log, own: 'e1' });
    const self = () => ports.bus.publish(channels.workers, madeWorker('e1', { purposes: ['portal'] }));
    const stopSelf = clock.every(1000, self);
    self();
    await clock.advance(3000);
    announce();
    stopSelf();
    await clock.advance(60_000);
    expect(lost).toEqual([]);
    clock.every(1000, self);
    await clock.advance(8000);
    announce();
    await clock.advance(3000);
    expect(lost).toEqual([]);
    await clock.advance(8000);
    expect(lost).toEqual(['w1 lost']);
  });

  it('takes nobody for lost soon after the store was away', async () => {
    stop();
    let away = false;
    const reach = () => (away ? Promise.reject(new Error('away')) : undefined);
    const registry: Registry = {
      ...ports.registry,
      announce: (worker, now) => reach() ?? ports.registry.announce(worker, now),
      sweep: (now, afterMs) => reach() ?? ports.registry.sweep(now, afterMs),
    };
    stop = watchWorkers({ ...ports, registry, clock, log });
    announce();
    away = true;
    await clock.advance(420_000);
    away = false;
    await clock.advance(9000);
    expect(lost).toEqual([]);
    announce();
    await clock.advance(3000);
    expect(lost).toEqual([]);
    await clock.advance(12_000);
    expect(lost).toEqual(['w1 lost']);
  });
});

describe('a worker whose process is cut off from the bus', () => {
  const log = createLog({ name: 'test', level: 'silent' });
  let cutOff: Map<string, string>;
  let asked: number;

  beforeEach(() => {
    stop();
    cutOff = new Map();
    asked = 0;
    const look = (names: readonly string[]) => {
      asked += 1;
      return Promise.resolve(new Map([...cutOff].filter(([name]) => names.includes(name))));
    };
    stop = watchWorkers({ ...ports, clock, log, cutOff: look });
  });

  const cut = (worker: string, process: string) => cutOff.set(channels.worker(worker), process);

  it('is removed before 2 s have passed, once, and is alive again when it is heard of', async () => {
    announce();
    announce({ worker: 'w2' });
    const stopOther = clock.every(1000, () => announce({ worker: 'w2' }));
    cut('w1', 'p1');
    await clock.advance(1000);
    expect(asked).toBe(0);
    await clock.advance(990);
    expect(lost).toEqual(['w1 lost']);
    await clock.advance(3000);
    expect((await ports.registry.alive()).map(({ worker }) => worker)).toEqual(['w2']);
    cutOff.clear();
    announce();
    await clock.advance(100);
    expect(await ports.registry.alive()).toHaveLength(2);
    expect(lost).toEqual(['w1 lost']);
    stopOther();
  });

  it('is left to silence when another process is cut off with it', async () => {
    announce();
    announce({ worker: 'w2' });
    cut('w1', 'p1');
    cut('w2', 'p2');
    await clock.advance(3500);
    expect(lost).toEqual([]);
    await clock.advance(1500);
    expect(lost).toEqual(['w1 lost', 'w2 lost']);
  });

  it('is left to silence while the store cannot be reached', async () => {
    announce();
    cut('w1', 'p1');
    stop();
    stop = watchWorkers({ ...ports, clock, log, cutOff: () => Promise.reject(new Error('away')) });
    announce();
    await clock.advance(9000);
    expect(lost).toEqual([]);
  });

  it('is not looked for after the end', async () => {
    announce();
    cut('w1', 'p1');
    await clock.advance(0);
    stop();
    await clock.advance(10_000);
    expect(asked).toBe(0);
    expect(lost).toEqual([]);
  });
});

it('cluster#18 there is no master: each edge watches, and takes notice of a loss when others have died', async () => {
  const log = createLog({ name: 'test', level: 'silent' });
  const others = [1, 2].map(() => watchWorkers({ ...ports, clock, log }));
  announce();
  announce({ worker: 'w2' });
  await clock.advance(1000);
  stop();
  others[0]?.();
  announce({ worker: 'w2' });
  const picked = ports.registry.pick(
    { purpose: 'webrtc', task: 't', origin: { isp: '', region: '' } },
    clock.now(),
  );
  expect(await picked).toEqual({ worker: 'w1' });
  await clock.advance(3500);
  expect(lost).toEqual(['w1 lost']);
  others[1]?.();
});

it.each([undefined, null, 7, 'x', {}, { type: 'alive' }, { type: 'quit' }, { type: 'alive', worker: 7 }])(
  'drops the malformed announcement %j',
  async (message) => {
    ports.bus.publish(channels.workers, message);
    announce();
    await clock.advance(0);
    expect(await ports.registry.alive()).toHaveLength(1);
  },
);

it('listens and sweeps no more after its end', async () => {
  announce();
  await clock.advance(0);
  stop();
  announce({ worker: 'w2' });
  await clock.advance(10_000);
  expect((await ports.registry.alive()).map(({ worker }) => worker)).toEqual(['w1']);
});
