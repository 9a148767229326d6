// Owns the tests of which other edges there are for clients of one that stops.
import { beforeEach, describe, expect, it } from 'vitest';
import { createManualClock } from '../platform/memory/manual-clock.ts';
import { createMemoryPorts } from '../platform/memory/ports.ts';
import { createLog } from '../platform/node/log.ts';
import { nodeRandom } from '../platform/node/random.ts';
import { madeWorker } from '../store/conformance/made-worker.ts';
import type { Ports } from '../store/ports.ts';
import { otherPortals } from './other-portals.ts';

const clock = createManualClock();
const log = createLog({ name: 'test', level: 'silent' });
const anywhere = { isp: '', region: '' };
let ports: Ports;

beforeEach(async () => {
  ports = await createMemoryPorts({ clock, random: nodeRandom });
});

const others = (registry: Pick<Ports['registry'], 'alive' | 'pick' | 'find'> = ports.registry) =>
  otherPortals({ registry, edge: 'e1', clock, random: nodeRandom, log });

const edge = (worker: string, state: 'ready' | 'draining' = 'ready', regions: string[] = []) =>
  ports.registry.announce(
    {
      ...madeWorker(worker),
      purposes: ['portal'],
      load: { portal: 0 },
      state,
      capacity: { isps: [], regions },
      portal: { host: `${worker}:1`, secure: true },
    },
    clock.now(),
  );

describe('the other edges', () => {
  it.each([
    [[], false],
    [['ready'], true],
    [['draining'], false],
    [['draining', 'ready'], true],
  ] as const)('are there when one is ready: %j', async (states, there) => {
    await edge('e1', 'draining');
    for (const [at, state] of states.entries()) await edge(`e${at + 2}`, state);
    expect(await others().exists()).toBe(there);
    expect((await others().address(anywhere)) !== undefined).toBe(there);
  });

  it('are those of the client’s region first, but any is better than none', async () => {
    await edge('e2', 'ready', ['west']);
    await edge('e3', 'ready', ['east']);
    expect(await others().address({ isp: '', region: 'east' })).toEqual({ host: 'e3:1', secure: true });
    expect(await others().address({ isp: '', region: 'north' })).toEqual({ host: 'e2:1', secure: true });
  });

  it('are not denied while the registry cannot be reached', async () => {
    const away = () => Promise.reject(new Error('away'));
    const unknown = others({ alive: away, pick: away, find: away });
    expect(await unknown.exists()).toBe(true);
    expect(await unknown.address(anywhere)).toBeUndefined();
  });
});
