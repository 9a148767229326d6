import { expect, it } from 'vitest';
import { createManualClock } from '../platform/memory/manual-clock.ts';
import { createMemoryPorts } from '../platform/memory/ports.ts';
import { nodeRandom } from '../platform/node/random.ts';
import { madeWorker } from '../store/conformance/made-worker.ts';
import { createHomes } from './homes.ts';
import { ownRegistries } from './registries.ts';

it('who ends is removed in every home; who was lost elsewhere is not lost here', async () => {
  const make = () => createMemoryPorts({ clock: createManualClock(), random: nodeRandom });
  const [beside, west, east] = [await make(), await make(), await make()];
  const named = new Map([
    ['west', west],
    ['east', east],
  ]);
  const registries = ownRegistries(createHomes(beside, named, 'east'));
  for (const { registry } of [beside, west, east]) {
    for (const id of ['w1', 'w2']) await registry.announce(madeWorker(id), 0);
  }
  const lost: string[] = [];
  registries.watch((worker, reason) => lost.push(`${worker} ${reason}`));
  await west.registry.remove('w1', 'silent');
  expect(lost).toEqual([]);
  await east.registry.remove('w1', 'silent');
  expect(lost).toEqual(['w1 silent']);
  await registries.remove('w2', 'exit');
  for (const { registry } of [beside, west, east]) expect(await registry.find('w2')).toBeUndefined();
});
