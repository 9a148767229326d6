// Owns the process of `npm run edge`: one edge of a cluster, its stores in Redis, its workers elsewhere.
import { hostname } from 'node:os';
import { edgeFamilies } from '../../edge/metrics/edge-families.ts';
import { redisFamilies } from '../../edge/metrics/redis-families.ts';
import { nodeClock } from '../../edge/platform/node/clock.ts';
import { nodeRandom } from '../../edge/platform/node/random.ts';
import { watchStores } from '../../edge/platform/redis/watch-stores.ts';
import { awayStore } from '../process/away-store.ts';
import { clusterPorts } from '../process/cluster-ports.ts';
import { type Edge, startEdge } from '../server/edge.ts';
import { createOperations } from '../process/operations.ts';
import { liveUntilStopped } from '../process/process-life.ts';
import { runProgram } from '../process/run-program.ts';
import { readOptions } from '../settings/read-options.ts';
import { loadSettings } from '../settings/settings.ts';
import { welcome } from './welcome.ts';

const stopWithinMs = 5_000;

async function main(): Promise<void> {
  const { config } = readOptions({ config: { type: 'string' } });
  const settings = loadSettings(config);
  const clock = nodeClock;
  const random = nodeRandom;
  // Another one at each start: what a dead edge began is not this one's to go on with.
  const edge = `edge-${hostname().slice(0, 40)}-${Buffer.from(random.bytes(4)).toString('hex')}`;
  const operations = createOperations({
    process: 'edge',
    name: edge,
    fields: { edge },
    settings,
    clock,
    families: [redisFamilies, edgeFamilies],
  });
  const { log, readiness, metrics } = operations;
  await operations.listen();
  const ports = await clusterPorts(settings, { clock, random, log });
  const stores = watchStores(ports.stores, { metrics, clock });
  readiness.add(() => awayStore(stores));
  const running: { server?: Edge } = {};
  const life = liveUntilStopped({
    log,
    drain: async () => {
      readiness.drain();
      await running.server?.drain(settings.edge.drain_seconds * 1000);
    },
    stop: async () => {
      await running.server?.close();
      stores.close();
      await ports.close();
      await operations.close();
    },
    withinMs: stopWithinMs,
  });
  const { audit } = ports;
  const server = await startEdge({
    ...{ ports, audit, settings, clock, random, log, edge, operations },
    healthy: () => true,
  });
  if (life.ending) return;
  running.server = server;
  readiness.started();
  welcome(server);
}

await runProgram(main);
