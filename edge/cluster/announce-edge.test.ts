import { expect, it } from 'vitest';
import { channels } from '../../schemas/bus.ts';
import { createManualClock } from '../platform/memory/manual-clock.ts';
import { createMemoryPorts } from '../platform/memory/ports.ts';
import { createLog } from '../platform/node/log.ts';
import { nodeRandom } from '../platform/node/random.ts';
import { announceEdge } from './announce-edge.ts';
import { pickPortals } from './portals.ts';
import { watchWorkers } from './worker-watch.ts';

const portal = { host: 'edge:443', secure: true };

async function scene(loads: (number | undefined)[]) {
  const clock = createManualClock();
  const log = createLog({ name: 'test', level: 'silent' });
  const ports = await createMemoryPorts({ clock, random: nodeRandom });
  const said: unknown[] = [];
  ports.bus.subscribe(channels.workers, (message) => said.push(message));
  watchWorkers({ ...ports, clock, log });
  const edge = announceEdge({
    bus: ports.bus,
    clock,
    edge: 'e1',
    isps: ['x'],
    regions: [],
    maxLoad: 0.85,
    portal,
    load: () => loads.shift(),
  });
  const portalFor = pickPortals({ ...ports, clock, random: nodeRandom, log });
  await clock.advance(0);
  return { clock, ports, said, edge, portalFor };
}

it('an edge is scheduled from its first report of load until it says good-bye', async () => {
  const { clock, ports, edge, portalFor, said } = await scene([undefined, 0.2]);
  const wanted = { isp: 'x', region: '' };
  const demand = { purpose: 'portal', task: 't', origin: wanted } as const;
  expect(await ports.registry.pick(demand, clock.now())).toEqual({ why: 'full' });
  await clock.advance(1000);
  expect(await portalFor(wanted, { host: 'other:1', secure: false })).toEqual(portal);
  edge.close();
  edge.close();
  await clock.advance(5000);
  expect(said.filter((each) => JSON.stringify(each).includes('quit'))).toHaveLength(1);
  expect(await ports.registry.pick(demand, clock.now())).toEqual({ why: 'nobody' });
});

it('a full or draining edge gets no clients, and keeps its place', async () => {
  const { clock, ports, edge } = await scene([0.2, 3, 0.1]);
  const pick = (task: string) =>
    ports.registry.pick({ purpose: 'portal', task, origin: { isp: 'x', region: '' } }, clock.now());
  expect(await pick('1')).toEqual({ worker: 'e1' });
  await clock.advance(1000);
  expect(await pick('2')).toEqual({ why: 'full' });
  await clock.advance(1000);
  expect(await pick('3')).toEqual({ worker: 'e1' });
  edge.drain(true);
  await clock.advance(0);
  expect(await pick('4')).toEqual({ why: 'full' });
  edge.drain(false);
  await clock.advance(10_000);
  expect(await pick('5')).toEqual({ worker: 'e1' });
});
