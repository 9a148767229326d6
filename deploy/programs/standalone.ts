// Owns the standalone server's process: arguments, start, the lines a person sees, signals and the end. What it is made
// of is compose.ts.
import { edgeFamilies } from '../../edge/metrics/edge-families.ts';
import { hostFamilies } from '../../edge/metrics/host-families.ts';
import { nodeClock } from '../../edge/platform/node/clock.ts';
import { workerFamilies } from '../../schemas/worker-metrics.ts';
import { startStandalone } from './compose.ts';
import type { Edge } from '../server/edge.ts';
import { createOperations } from '../process/operations.ts';
import { tellParent } from '../process/parent-message.ts';
import { liveUntilStopped } from '../process/process-life.ts';
import { runProgram } from '../process/run-program.ts';
import { readOptions } from '../settings/read-options.ts';
import { loadSettings, type Settings } from '../settings/settings.ts';
import { welcome } from './welcome.ts';

/** All of stopping, by force if need be. */
const stopWithinMs = 1_800;

function readArguments(): Settings {
  const { config } = readOptions({ config: { type: 'string' } });
  return loadSettings(config);
}

async function main(): Promise<void> {
  const settings = readArguments();
  const worker: { pid?: number } = {};
  const operations = createOperations({
    process: 'standalone',
    name: 'edge',
    settings,
    clock: nodeClock,
    families: [edgeFamilies, hostFamilies, workerFamilies],
    alive: () => worker.pid !== undefined,
  });
  const { log, readiness } = operations;
  readiness.add(() => (worker.pid === undefined ? 'no media worker' : undefined));
  await operations.listen();
  const running: { server?: Edge } = {};
  const life = liveUntilStopped({
    log,
    stop: async () => {
      readiness.drain();
      await running.server?.close();
      await operations.close();
    },
    withinMs: stopWithinMs,
  });

  const server = await startStandalone(settings, operations, (pid) => {
    if (pid === undefined) delete worker.pid;
    else worker.pid = pid;
    tellParent({ type: 'worker', ...(pid === undefined ? {} : { pid }) });
  });
  if (life.ending) return;
  running.server = server;
  readiness.started();
  welcome(server, server.engineLines);
}

await runProgram(main);
