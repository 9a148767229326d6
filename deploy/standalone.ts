// Owns the standalone server's process: arguments, start, the lines a person sees, signals and the end. What it is made
// of is compose.ts.
import { parseArgs } from 'node:util';
import { createLog } from '../edge/platform/node/log.ts';
import { startStandalone } from './compose.ts';
import type { Edge } from './edge.ts';
import { explainListenError } from './listen-error.ts';
import { tellParent } from './parent-message.ts';
import { liveUntilStopped } from './process-life.ts';
import { loadSettings, type Settings, SettingsError } from './settings.ts';
import { printWelcome, tellReady } from './welcome.ts';

/** All of stopping, by force if need be. */
const stopWithinMs = 1_800;

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
  printWelcome(server);
  tellReady(server);
}

try {
  await main();
} catch (error) {
  if (error instanceof SettingsError) console.error(`Configuration: ${error.message}`);
  else console.error(explainListenError(error) ?? error);
  process.exit(1);
}
