// Owns the process of `npm run relay`: one relay between the edges and workers of a region and a home Redis elsewhere.
import { reading } from '../../edge/metrics/metrics.ts';
import { relayFamilies } from '../../edge/metrics/relay-families.ts';
import { nodeClock } from '../../edge/platform/node/clock.ts';
import { type Relay, startRelay } from '../../edge/platform/redis/relay/relay.ts';
import { createOperations } from '../process/operations.ts';
import { tellParent } from '../process/parent-message.ts';
import { liveUntilStopped } from '../process/process-life.ts';
import { runProgram } from '../process/run-program.ts';
import { readListen } from '../settings/relay-settings.ts';
import { readOptions } from '../settings/read-options.ts';
import { loadSettings, type Settings, SettingsError } from '../settings/settings.ts';

const stopWithinMs = 2000;

function readArguments(): Settings {
  const { config, to, listen } = readOptions({
    config: { type: 'string' },
    to: { type: 'string' },
    listen: { type: 'string' },
  });
  return loadSettings(config, {
    ...process.env,
    ...(to !== undefined && { SLUICE_RELAY_TO: to }),
    ...(listen !== undefined && { SLUICE_RELAY_LISTEN: listen }),
  });
}

async function main(): Promise<void> {
  const settings = readArguments();
  const { to, listen, password } = settings.relay;
  if (to === '') {
    throw new SettingsError(
      'relay.to (SLUICE_RELAY_TO) is missing: the home Redis, for example npm run relay -- --to rediss://:secret@home:6379',
    );
  }
  const { host = '', port = 0 } = readListen(listen) ?? {};
  const operations = createOperations({
    process: 'relay',
    name: 'relay',
    settings,
    clock: nodeClock,
    families: [relayFamilies],
  });
  const { log, metrics, readiness } = operations;
  await operations.listen();
  const relay = await startRelay({ to, host, port, password, clock: nodeClock, log });
  readiness.add(() => (relay.status().home ? undefined : 'the home is away'));
  metrics.read(() => readings(relay));
  liveUntilStopped({
    log,
    stop: async () => {
      await relay.close();
      await operations.close();
    },
    withinMs: stopWithinMs,
  });
  readiness.started();
  const url = `redis://${password === '' ? '' : ':password@'}${host}:${relay.port}`;
  console.log(`Relay. Edges and workers of this region: REDIS_URL=${url}. Ctrl-C stops.`);
  tellParent({ type: 'relay', host, port: relay.port });
}

function readings(relay: Relay) {
  const { home, clients, channels, outstanding, passed, refused, delivered, cut } = relay.status();
  return [
    reading(relayFamilies.homeUp, {}, home ? 1 : 0),
    reading(relayFamilies.clients, {}, clients),
    reading(relayFamilies.channels, {}, channels),
    reading(relayFamilies.waiting, {}, outstanding),
    reading(relayFamilies.passed, {}, passed),
    reading(relayFamilies.refused, {}, refused),
    reading(relayFamilies.delivered, {}, delivered),
    reading(relayFamilies.cut, {}, cut),
  ];
}

await runProgram(main);
