// Owns `npm run demo:regions`: two regions with an ISP each on this machine, as far from each other as is wanted. One Redis,
// at home in the first region; a relay to it in the second; an edge and a media worker in each. What it shows is said in
// deploy/README.md.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLog } from '../../edge/platform/node/log.ts';
import { startRedisServer } from '../../edge/platform/redis/redis-server.ts';
import { Closing } from '../process/closing.ts';
import { tellParent } from '../process/parent-message.ts';
import { liveUntilStopped } from '../process/process-life.ts';
import { readOptions } from '../settings/read-options.ts';
import { SettingsError } from '../settings/settings.ts';
import { startDistance } from './distance.ts';
import { type Member, startMember } from './member.ts';
import { type Place, Tour } from './tour.ts';

const west = { isp: 'alpha', region: 'west' };
const east = { isp: 'beta', region: 'east' };
const stopWithinMs = 15_000;
const lookEveryMs = 1000;

function serving({ isp, region }: { isp: string; region: string }): string {
  return `[cluster]\nisps = ["${isp}"]\nregions = ["${region}"]\n`;
}

const edgeConfig = (port: number): string =>
  `[http]\nhost = "127.0.0.1"\nport = ${port}\n[https]\nenabled = false\n[edge]\ndrain_seconds = 0\n`;
const workerConfig =
  '[webrtc]\nhost = "127.0.0.1"\nudp_port = 0\n[worker]\nprocesses = 1\ndrain_seconds = 0\n';

async function main(): Promise<void> {
  const options = readOptions({
    port: { type: 'string', default: '3000' },
    delay: { type: 'string', default: '40' },
  });
  const port = Number(options.port);
  const oneWayMs = Number(options.delay);
  if (!Number.isInteger(port) || !(oneWayMs >= 0 && oneWayMs <= 1000)) {
    throw new SettingsError(
      'usage: npm run demo:regions -- [--port 3000] [--delay 40]\n--port 0: any; --delay: ms each way',
    );
  }
  const log = createLog({ name: 'demo', level: 'warn' });
  const closing = new Closing(log);
  const life = liveUntilStopped({ log, stop: () => closing.close(), withinMs: stopWithinMs });
  const stopIfEnds = (name: string, ended: Promise<unknown>) => {
    void ended.then(() => {
      if (!life.ending) console.error(`${name} ended, and so does the demonstration`);
      if (!life.ending) process.kill(process.pid, 'SIGTERM');
    });
  };
  const folder = await mkdtemp(join(tmpdir(), 'sluice-regions-'));
  closing.add(() => rm(folder, { recursive: true, force: true }));
  const redis = await startRedisServer({ folder, apart: true });
  closing.add(() => redis.end('SIGTERM'));
  stopIfEnds('redis-server', redis.ended);
  const distance = await startDistance(redis.port, oneWayMs);
  closing.add(() => distance.close());
  const start = async (
    name: string,
    program: 'edge-node' | 'worker-node' | 'relay-node',
    config: string,
    redisUrl: string,
  ): Promise<Member> => {
    const member = await startMember({ name, program, config, redisUrl, folder });
    closing.add(() => member.stop());
    stopIfEnds(name, member.ended);
    return member;
  };

  const home = `redis://127.0.0.1:${redis.port}`;
  const away = `redis://127.0.0.1:${distance.port}`;
  const relay = await start('relay', 'relay-node', `[relay]\nto = "${away}"\nlisten = "127.0.0.1:0"\n`, '');
  const near = `redis://127.0.0.1:${(await relay.said('relay')).port}`;
  // One after the other: the first makes the services.
  const first = await start('edge west', 'edge-node', edgeConfig(port) + serving(west), home);
  const westEdge = await first.said('ready');
  const second = await start(
    'edge east',
    'edge-node',
    edgeConfig(port === 0 ? 0 : port + 10) + serving(east) + `[redis]\njobs_url = "${away}"\n`,
    near,
  );
  await start('worker west', 'worker-node', workerConfig + serving(west), home);
  await start('worker east', 'worker-node', workerConfig + serving(east), near);
  const eastEdge = await second.said('ready');
  const places: readonly Place[] = [
    { ...west, edge: westEdge.url, redis: home },
    { ...east, edge: eastEdge.url, redis: `${near} (the relay), ${2 * oneWayMs} ms from home` },
  ];
  const tour = new Tour(westEdge, places);
  await tour.everybodyThere();
  const tokens = await tour.tokens();
  if (life.ending) return;
  console.log(await tour.welcome(tokens));
  tellParent({ type: 'regions', room: tour.room, tokens, super: westEdge.super, sample: westEdge.sample });
  const looking = setInterval(() => {
    tour.news().then(
      (lines) => lines.forEach((line) => console.log(line)),
      (error: unknown) => log.warn('the cluster cannot be looked at', { error }),
    );
  }, lookEveryMs);
  closing.add(() => clearInterval(looking));
}

try {
  await main();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
}
