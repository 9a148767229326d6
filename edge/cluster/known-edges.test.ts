import { afterEach, beforeEach, expect, it } from 'vitest';
import { channels } from '../../schemas/bus.ts';
import { createManualClock, type ManualClock } from '../platform/memory/manual-clock.ts';
import { createMemoryPorts } from '../platform/memory/ports.ts';
import { nodeRandom } from '../platform/node/random.ts';
import { madeWorker, type MadeWorker } from '../store/conformance/made-worker.ts';
import type { Ports } from '../store/ports.ts';
import { KnownEdges } from './known-edges.ts';

let clock: ManualClock;
let ports: Ports;
let known: KnownEdges;
beforeEach(async () => {
  clock = createManualClock();
  ports = await createMemoryPorts({ clock, random: nodeRandom });
  known = new KnownEdges({ bus: ports.bus, clock, own: 'own' });
});
afterEach(async () => {
  known.close();
  await ports.close();
});

const at = (name: string) => ({ host: `${name}:1`, secure: false });
const west = { isp: '', region: 'west' };
async function announce(id: string, over: MadeWorker = {}): Promise<void> {
  ports.bus.publish(channels.workers, madeWorker(id, { purposes: ['portal'], portal: at(id), ...over }));
  await clock.advance(1);
}
const names = (origin = west) => known.near(origin).map(({ host }) => host.slice(0, -2));

it('tells of two others, those of the place first', async () => {
  await announce('far', { regions: ['east'] });
  await announce('any');
  await announce('near', { regions: ['west'] });
  await announce('own', { regions: ['west'] });
  ports.bus.publish(channels.workers, madeWorker('media'));
  ports.bus.publish(channels.workers, { type: 'nonsense' });
  await clock.advance(1);
  for (let again = 0; again < 3; again += 1) expect(names()).toEqual(['near', 'any']);
});

it('tells of equals in turn', async () => {
  for (const id of ['a', 'b', 'c']) await announce(id);
  expect(new Set([names()[0], names()[0], names()[0]])).toEqual(new Set(['a', 'b', 'c']));
});

it('tells of nobody who drains, quit or fell silent', async () => {
  await announce('drains');
  await announce('drains', { state: 'draining' });
  await announce('quits');
  ports.bus.publish(channels.workers, { type: 'quit', worker: 'quits' });
  await announce('silent');
  expect(names()).toEqual(['silent']);
  await clock.advance(4000);
  expect(names()).toEqual([]);
});
