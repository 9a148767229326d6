import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createManualClock, type ManualClock } from '../platform/memory/manual-clock.ts';
import { createMemoryPorts } from '../platform/memory/ports.ts';
import { createLog } from '../platform/node/log.ts';
import { nodeRandom } from '../platform/node/random.ts';
import { madeWorker, type MadeWorker } from '../store/conformance/made-worker.ts';
import type { Ports } from '../store/ports.ts';
import { pickPortals, type PortalFor } from './portals.ts';

const log = createLog({ name: 'test', level: 'silent' });
const nowhere = { isp: 'isp', region: 'region' };
const asked = { host: 'asked:1', secure: false };
const failed = { code: 'operation-failed', message: 'Failed to get portal' };

let clock: ManualClock;
let ports: Ports;
let portalFor: PortalFor;

beforeEach(async () => {
  clock = createManualClock();
  ports = await createMemoryPorts({ clock, random: nodeRandom });
  portalFor = pickPortals({ ...ports, clock, random: nodeRandom, log });
});
afterEach(() => ports.close());

function join(edge: string, over: MadeWorker = {}): Promise<void> {
  const made = { purposes: ['portal' as const], portal: { host: `${edge}:8080`, secure: true }, ...over };
  return ports.registry.announce(madeWorker(edge, made), clock.now());
}

describe('the portal for a token', () => {
  it('is one that is alive, by its public address', async () => {
    await join('e1');
    expect(await portalFor(nowhere, asked)).toEqual({ host: 'e1:8080', secure: true });
  });

  it('rest-api#19 without a portal it fails after about a minute of looking', async () => {
    let ended = false;
    const failing = portalFor(nowhere, asked).finally(() => (ended = true));
    const outcome = expect(failing).rejects.toMatchObject(failed);
    await clock.advance(58_000);
    expect(ended).toBe(false);
    await clock.advance(2000);
    expect(ended).toBe(true);
    await outcome;
  });

  it('rest-api#19 it is found when one joins meanwhile', async () => {
    const found = portalFor(nowhere, asked);
    await clock.advance(30_000);
    await join('e1');
    await clock.advance(1000);
    expect(await found).toEqual({ host: 'e1:8080', secure: true });
  });

  it('cluster#13 without preference, portals of certain ISPs or regions only do not serve it', async () => {
    await join('e1', { isps: ['x'] });
    await join('e2', { regions: ['eu'] });
    const outcome = expect(portalFor(nowhere, asked)).rejects.toMatchObject(failed);
    await clock.advance(60_000);
    await outcome;
  });

  it('cluster#14 one of the wanted region while it is available, then one for every region', async () => {
    await join('any');
    await join('eu', { regions: ['eu'] });
    const wanted = { isp: 'isp', region: 'eu' };
    for (let token = 0; token < 5; token += 1) {
      expect(await portalFor(wanted, asked)).toMatchObject({ host: 'eu:8080' });
    }
    await join('eu', { regions: ['eu'], load: 0.9 });
    expect(await portalFor(wanted, asked)).toMatchObject({ host: 'any:8080' });
  });

  it('is the address of the request at an edge that has none of its own', async () => {
    portalFor = pickPortals({ ...ports, clock, random: nodeRandom, log, byRequest: 'e1' });
    await join('e1');
    expect(await portalFor(nowhere, asked)).toEqual(asked);
    await join('e1', { state: 'draining' });
    await join('e2');
    expect(await portalFor(nowhere, asked)).toMatchObject({ host: 'e2:8080' });
  });

  it('is given up sooner while the store is away, and refused at once where too many wait', async () => {
    const away = { pick: () => Promise.reject(new Error('away')), find: () => Promise.resolve(undefined) };
    portalFor = pickPortals({ registry: away, clock, random: nodeRandom, log });
    const waiting = Array.from({ length: 1000 }, () => portalFor(nowhere, asked).then(String, String));
    await expect(portalFor(nowhere, asked)).rejects.toMatchObject(failed);
    await clock.advance(15_000);
    expect(new Set(await Promise.all(waiting))).toEqual(new Set(['SluiceError: Failed to get portal']));
  });
});
