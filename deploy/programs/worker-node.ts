// Owns the process of `npm run worker`: the media workers of this machine, joined to the cluster through Redis. A signal
// drains them, a second one ends them at once.
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { ownRegistries } from '../../edge/cluster/registries.ts';
import { hostFamilies } from '../../edge/metrics/host-families.ts';
import { redisFamilies } from '../../edge/metrics/redis-families.ts';
import { nodeClock } from '../../edge/platform/node/clock.ts';
import { nodeRandom } from '../../edge/platform/node/random.ts';
import { watchStores } from '../../edge/platform/redis/watch-stores.ts';
import { workerFamilies } from '../../schemas/worker-metrics.ts';
import { awayStore } from '../process/away-store.ts';
import { clusterPorts } from '../process/cluster-ports.ts';
import { createOperations } from '../process/operations.ts';
import { tellParent } from '../process/parent-message.ts';
import { liveUntilStopped } from '../process/process-life.ts';
import { runProgram } from '../process/run-program.ts';
import { readOptions } from '../settings/read-options.ts';
import { loadSettings, type Settings } from '../settings/settings.ts';
import { hostName } from '../worker-host/host-name.ts';
import { checkLoadInterface } from '../worker-host/load-interface.ts';
import { checkUdpPlace } from '../worker-host/udp-place.ts';
import { WorkerFigureBoard } from '../worker-host/worker-figures.ts';
import { workerEngines } from '../worker-host/worker-engines.ts';
import { startWorkerHost } from '../worker-host/worker-host.ts';

/** Ending the workers themselves, after they are empty or have to be. */
const patienceMs = 3_000;
const stopWithinMs = 6_000;

function readArguments(): Settings {
  const { config, purposes, processes, isps, regions } = readOptions({
    config: { type: 'string' },
    purposes: { type: 'string' },
    processes: { type: 'string' },
    isps: { type: 'string' },
    regions: { type: 'string' },
  });
  return loadSettings(config, {
    ...process.env,
    ...(purposes !== undefined && { SLUICE_PURPOSES: purposes }),
    ...(processes !== undefined && { SLUICE_WORKER_PROCESSES: processes }),
    ...(isps !== undefined && { SLUICE_ISPS: isps }),
    ...(regions !== undefined && { SLUICE_REGIONS: regions }),
  });
}

async function main(): Promise<void> {
  const settings = readArguments();
  const { worker } = settings;
  const processes = worker.processes === 0 ? availableParallelism() : worker.processes;
  checkLoadInterface(settings);
  await checkUdpPlace(settings, processes);
  const clock = nodeClock;
  const random = nodeRandom;
  const operations = createOperations({
    process: 'worker',
    name: 'worker host',
    settings,
    clock,
    families: [redisFamilies, hostFamilies, workerFamilies],
  });
  const { log, readiness, metrics } = operations;
  await operations.listen();
  const ports = await clusterPorts(settings, { clock, random, log });
  const stores = watchStores(ports.stores, { metrics, clock });
  readiness.add(() => awayStore(stores));
  const board = new WorkerFigureBoard(metrics);
  const engines = await workerEngines({
    wish: settings.media,
    program: join(import.meta.dirname, 'probe-program.js'),
    log,
  });
  const host = startWorkerHost({
    name: hostName(),
    bus: ports.homes.bus,
    registry: ownRegistries(ports.homes),
    clock,
    random,
    log,
    settings,
    processes,
    program: join(import.meta.dirname, 'worker.js'),
    engines: (index) => engines.forWorker(index),
    changed: (index, pid) => {
      board.changed(index, pid !== undefined);
      tellParent({ type: 'worker', index, ...(pid === undefined ? {} : { pid }) });
    },
    said: (index, message) => board.take(index, message),
  });
  readiness.add(() => (host.running === 0 ? 'no media worker' : undefined));
  readiness.started();
  liveUntilStopped({
    log,
    drain: async () => {
      readiness.drain();
      await host.drain(worker.drain_seconds * 1000);
    },
    stop: async () => {
      await host.close(patienceMs);
      stores.close();
      await ports.close();
      await operations.close();
    },
    withinMs: stopWithinMs,
  });
  for (const line of engines.lines(processes)) console.log(line);
  const what = worker.purposes?.join(', ') ?? 'every purpose it has codecs for';
  console.log(
    `${processes} media worker${processes === 1 ? '' : 's'} for ${what}. Ctrl-C drains, twice stops.`,
  );
}

await runProgram(main);
