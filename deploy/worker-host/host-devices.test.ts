// Owns the proof that a device of a host is drained for all of its workers, also for those that only just start.
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createManualClock, type ManualClock } from '../../edge/platform/memory/manual-clock.ts';
import { createMemoryPorts } from '../../edge/platform/memory/ports.ts';
import { createLog } from '../../edge/platform/node/log.ts';
import { nodeRandom } from '../../edge/platform/node/random.ts';
import type { Ports } from '../../edge/store/ports.ts';
import { channels, type Unsubscribe } from '../../schemas/bus.ts';
import { HostDevices } from './host-devices.ts';

const [one, other] = ['/dev/dri/renderD128', '/dev/dri/renderD129'];
let clock: ManualClock;
let ports: Ports;
let devices: HostDevices;
let running: (string | undefined)[];
let told: unknown[];

beforeEach(async () => {
  clock = createManualClock();
  ports = await createMemoryPorts({ clock, random: nodeRandom });
  running = ['a', 'b', 'c', 'd'];
  told = [];
  devices = new HostDevices({
    name: 'host',
    bus: ports.bus,
    clock,
    log: createLog({ name: 'test', level: 'silent' }),
    nodes: [one, other, one, undefined],
    running: (index) => running[index],
  });
});
afterEach(async () => {
  devices.close();
  await ports.close();
});

const serve = (worker: string): Unsubscribe =>
  ports.bus.serve(channels.worker(worker), (message) => {
    told.push([worker, message]);
    return Promise.resolve({ rooms: 2, mixers: 1 });
  });
const drain = (node: string, on: boolean, software = false): Promise<unknown> =>
  ports.bus.request(channels.host('host'), { type: 'drain-device', node, on, software }, 10_000);

it('gives who share a device equal parts of it, and who has none nothing', () => {
  expect([0, 1, 3].map((index) => devices.of(index))).toEqual([
    { host: 'host', state: 'used', part: 0.5 },
    { host: 'host', state: 'used', part: 1 },
    undefined,
  ]);
});

it.each([
  [false, 'draining'],
  [true, 'drained'],
] as const)(
  'drains it for all of its workers (software: %s), until the wish is taken back',
  async (software, state) => {
    for (const worker of ['a', 'b', 'c']) serve(worker);
    expect(await drain(one, true, software)).toEqual({ state, rest: { rooms: 4, mixers: 2, silent: 0 } });
    expect(told).toEqual([
      ['a', { type: 'device', state }],
      ['c', { type: 'device', state }],
    ]);
    expect([devices.of(2)?.state, devices.of(1)?.state]).toEqual([state, 'used']);
    expect(await drain(one, false)).toMatchObject({ state: 'used' });
    expect(devices.of(0)?.state).toBe('used');
  },
);

it('tells a worker again that does not serve yet, but not another that has come in its place', async () => {
  running[2] = undefined;
  const reply = drain(one, true);
  await clock.advance(2_000);
  expect(await reply).toEqual({ state: 'draining', rest: { rooms: 0, mixers: 0, silent: 1 } });
  serve('a');
  await clock.advance(3_000);
  expect(told).toEqual([['a', { type: 'device', state: 'draining' }]]);
  await clock.advance(60_000);
  expect(told).toHaveLength(1);
});

it('refuses what it does not understand, and devices that it does not have', async () => {
  await expect(drain('/dev/dri/renderD130', true)).rejects.toMatchObject({ code: 'not-found' });
  await expect(ports.bus.request(channels.host('host'), { type: 'off' }, 1000)).rejects.toMatchObject({
    code: 'bad-request',
  });
});
