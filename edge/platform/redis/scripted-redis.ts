// Owns Redis servers for tests: Debian's redis-server on a free port, in memory only, alone or as a cluster of three.
import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { freePort } from '../node/free-port.ts';
import { startRedisServer } from './redis-server.ts';

export interface ScriptedRedis {
  readonly url: string;
  readonly port: number;
  readonly process: ChildProcess;
  /** A plain client to make things happen with. */
  readonly admin: Redis;
  /** Ends it at once, as a crash does. */
  kill(): Promise<void>;
}

/** A server; `port` only to come back where another one was. Rejects with what to install when there is none. */
export async function startRedis(args: readonly string[] = [], port?: number): Promise<ScriptedRedis> {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-redis-'));
  const forget = () => rmSync(folder, { recursive: true, force: true });
  const server = await startRedisServer({
    folder,
    args: ['--repl-diskless-sync-delay', '0', ...args],
    ...(port === undefined ? {} : { port }),
  }).catch((error: unknown) => {
    forget();
    throw error;
  });
  void server.ended.then(forget);
  const admin = new Redis({ port: server.port, host: '127.0.0.1', retryStrategy: () => null });
  admin.on('error', () => undefined);
  return {
    url: `redis://127.0.0.1:${server.port}`,
    port: server.port,
    process: server.process,
    admin,
    async kill() {
      admin.disconnect();
      await server.end('SIGKILL');
    },
  };
}

export interface ScriptedCluster {
  readonly url: string;
  readonly nodes: readonly ScriptedRedis[];
  kill(): Promise<void>;
}

const slots = 16_384;

/** Three primaries that share the slots. */
export async function startRedisCluster(): Promise<ScriptedCluster> {
  const nodes = await Promise.all([0, 1, 2].map(() => startClusterNode()));
  const share = Math.ceil(slots / nodes.length);
  await Promise.all(
    nodes.map(async ({ admin }, index) => {
      const last = Math.min(slots, (index + 1) * share) - 1;
      await admin.call('CLUSTER', 'ADDSLOTSRANGE', index * share, last);
      await admin.call('CLUSTER', 'SET-CONFIG-EPOCH', index + 1);
    }),
  );
  // A handshake that takes too long on a busy machine is given up by Redis: then it is begun anew.
  for (let looks = 0; !(await allKnown(nodes)); looks += 1) {
    if (looks % 50 === 0) await introduce(nodes);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return {
    url: `redis-cluster://${nodes.map(({ port }) => `127.0.0.1:${port}`).join(',')}`,
    nodes,
    async kill() {
      await Promise.all(nodes.map((node) => node.kill()));
    },
  };
}

async function introduce([first, ...others]: readonly ScriptedRedis[]): Promise<void> {
  for (const { port, admin } of others) {
    const [, busPort] = await admin.config('GET', 'cluster-port').then((reply) => reply);
    await first?.admin.call('CLUSTER', 'MEET', '127.0.0.1', port, Number(busPort));
  }
}

async function allKnown(nodes: readonly ScriptedRedis[]): Promise<boolean> {
  const infos = await Promise.all(
    nodes.map(async ({ admin }) => String(await admin.call('CLUSTER', 'INFO'))),
  );
  return infos.every((info) =>
    ['state:ok', `known_nodes:${nodes.length}`].every((part) => info.includes(`cluster_${part}`)),
  );
}

async function startClusterNode(): Promise<ScriptedRedis> {
  const busPort = await freePort();
  return startRedis(['--cluster-enabled', 'yes', '--cluster-port', `${busPort}`]);
}

/** Lets `ms` pass for every key that expires, and for room logs that settle. */
export async function shiftExpiry(admin: Redis, ms: number): Promise<void> {
  await admin.eval(
    `for _, key in ipairs(redis.call('KEYS', '*')) do
       local left = redis.call('PTTL', key)
       if left > 0 then redis.call('PEXPIRE', key, math.max(0, left - ARGV[1])) end
       if string.match(key, ':head$') and redis.call('HEXISTS', key, 'settles') == 1 then
         redis.call('HINCRBY', key, 'settles', -ARGV[1])
       end
     end`,
    0,
    ms,
  );
}
