// Owns the standalone server's process: arguments, start, the lines a person sees, signals and the end. What it is made
// of is compose.ts.
import { parseArgs } from 'node:util';
import { createLog } from '../edge/platform/node/log.ts';
import { startStandalone } from './compose.ts';
import type { Edge } from './edge.ts';
import { explainListenError } from './listen-error.ts';
import type { ParentMessage } from './parent-message.ts';
import { liveUntilStopped } from './process-life.ts';
import { loadSettings, type Settings, SettingsError } from './settings.ts';
import { printWelcome } from './welcome.ts';

/** All of stopping, by force if need be. */
const stopWithinMs = 1_800;

function tellParent(message: ParentMessage): void {
  if (process.connected) process.send?.(message);
}

function readArguments(): Settings {
  const { values } = parseArgs({ options: { config: { type: 'string' } } });
  return loadSettings(values.config);
}

async function main(): Promise<void> {
  const settings = readArguments();
  const log = createLog({ name: 'edge', level: settings.log.level });
  const running: { server?: Edge } = {};
  const life = liveUntilStopped({
    log,
    stop: () => running.server?.close() ?? Promise.resolve(),
    withinMs: stopWithinMs,
  });

  const server = await startStandalone(settings, log, (pid) =>
    tellParent({ type: 'worker', ...(pid === undefined ? {} : { pid }) }),
  );
  if (life.ending) return;
  running.server = server;
  const { services, url, httpsUrl } = server;
  printWelcome(server);
  tellParent({
    type: 'ready',
    url,
    ...(httpsUrl === undefined ? {} : { httpsUrl }),
    sample: { id: services.sampleService._id, key: services.sampleService.key, room: services.sampleRoom },
    super: { id: services.superService._id, key: services.superService.key },
  });
}

try {
  await main();
} catch (error) {
  if (error instanceof SettingsError) console.error(`Configuration: ${error.message}`);
  else console.error(explainListenError(error) ?? error);
  process.exit(1);
}
