// One conformance suite for the store ports, held against every implementation: in memory, on Redis, on a Redis
// Cluster, on Redis through a relay.
import { afterAll, beforeAll, describe } from 'vitest';
import type { Clock } from '../clock.ts';
import type { Scheduling } from '../cluster/scheduling.ts';
import { busConformance } from '../store/conformance/bus.ts';
import { directoryConformance } from '../store/conformance/directory.ts';
import type { Fixture } from '../store/conformance/fixture.ts';
import { leaseConformance } from '../store/conformance/lease.ts';
import { onceConformance } from '../store/conformance/once.ts';
import { registryConformance } from '../store/conformance/registry.ts';
import { roomLogConformance } from '../store/conformance/room-log.ts';
import type { Ports } from '../store/ports.ts';
import { createManualClock } from './memory/manual-clock.ts';
import { createMemoryPorts } from './memory/ports.ts';
import { nodeClock } from './node/clock.ts';
import { createLog } from './node/log.ts';
import { nodeRandom } from './node/random.ts';
import { createRedisPorts } from './redis/ports.ts';
import { startRelayedRedis } from './redis/relay/scripted-relay.ts';
import { shiftExpiry, startRedis, startRedisCluster, type ScriptedRedis } from './redis/scripted-redis.ts';

type MakePorts = (scheduling?: Partial<Scheduling>) => Promise<Omit<Fixture<Ports>, 'close'>>;

/** Each port of fresh ports for each test. */
function portsConformance(name: string, make: MakePorts): void {
  const fixture =
    <P>(choose: (ports: Ports) => P) =>
    async (scheduling?: Partial<Scheduling>): Promise<Fixture<P>> => {
      const { port: ports, advance } = await make(scheduling);
      return { port: choose(ports), advance, close: () => ports.close() };
    };
  const of = {
    bus: fixture((ports) => ports.bus),
    directory: fixture((ports) => ports.directory),
    lease: fixture((ports) => ports.lease),
    log: fixture((ports) => ports.log),
    once: fixture((ports) => ports.once),
    registry: fixture((ports) => ports.registry),
  };
  busConformance(name, of.bus);
  directoryConformance(name, of.directory);
  leaseConformance(name, of.lease);
  onceConformance(name, of.once);
  registryConformance(name, of.registry);
  roomLogConformance(name, of.log);
}

portsConformance('memory', async (scheduling = {}) => {
  const clock = createManualClock();
  const port = await createMemoryPorts({ clock, random: nodeRandom, scheduling });
  return { port, advance: (ms) => clock.advance(ms) };
});

describe.each([
  ['Redis', startRedis],
  ['Redis Cluster', startRedisCluster],
  ['a relay to Redis', startRelayedRedis],
] as const)('on %s', (name, start) => {
  let server: { readonly url: string; kill(): Promise<void> };
  let nodes: readonly ScriptedRedis[];
  beforeAll(async () => {
    const started = await start();
    server = started;
    nodes = 'nodes' in started ? started.nodes : [started];
  });
  afterAll(() => server.kill());

  portsConformance(name, async (scheduling = {}) => {
    await Promise.all(nodes.map(({ admin }) => admin.flushall()));
    let shiftMs = 0;
    const clock: Clock = { ...nodeClock, now: () => Date.now() + shiftMs };
    const log = createLog({ name: 'test', level: 'silent' });
    const port = createRedisPorts({
      urls: { rooms: server.url },
      clock,
      random: nodeRandom,
      log,
      scheduling,
      // So long that no test meets its end unless it lets it pass.
      settleMs: 60_000,
    });
    await port.settled();
    return {
      port,
      // Redis' own time cannot be moved: what expires is moved instead. Messages and timers come in real time.
      async advance(ms) {
        await port.settled();
        if (ms < 1000) {
          await new Promise((resolve) => setTimeout(resolve, ms));
          return;
        }
        shiftMs += ms;
        await Promise.all(nodes.map(({ admin }) => shiftExpiry(admin, ms)));
      },
    };
  });
});
