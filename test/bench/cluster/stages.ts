// Owns what the cluster benchmark asks of a pair of servers on one Redis, and its two answers: two edges of Sluice, and two
// socket.io servers with the Redis adapter.
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { startRedis } from '../../../edge/platform/redis/scripted-redis.ts';
import { TestCluster } from '../../support/cluster.ts';
import { startProgram } from '../lib/child.ts';
import { cpuMs, rssMib } from '../lib/proc.ts';
import { token } from '../lib/sluice.ts';
import { type Member, sluiceMember, socketIoMember } from '../signaling/member.ts';

export interface Pair {
  /** The two servers, whose processor time and memory count. */
  readonly pids: readonly number[];
  readonly redisPid: number;
  /** From nothing to a member of the room at one of the servers; `prepare` is the application's affair, before. */
  prepare(server: 0 | 1): Promise<() => Promise<Member>>;
  stop(): Promise<void>;
}

export type Heard = (message: string) => void;

const collectGarbage = pathToFileURL(join(process.cwd(), 'test/bench/cluster/collect-garbage.mjs')).href;
const settleMs = 300;

/** Everything started meanwhile can be told to collect its garbage. */
async function measurable<T>(start: () => Promise<T>): Promise<T> {
  const before = process.env.NODE_OPTIONS;
  process.env.NODE_OPTIONS = `--import=${collectGarbage}`;
  try {
    return await start();
  } finally {
    if (before === undefined) delete process.env.NODE_OPTIONS;
    else process.env.NODE_OPTIONS = before;
  }
}

export const cpuOf = ({ pids }: Pair): number => pids.reduce((sum, pid) => sum + cpuMs(pid), 0);

/** Resident memory of both servers in MiB after they collected their garbage. */
export async function memoryOf({ pids }: Pair): Promise<number> {
  for (let turn = 0; turn < 3; turn += 1) {
    for (const pid of pids) process.kill(pid, 'SIGUSR2');
    await new Promise((resolve) => setTimeout(resolve, settleMs));
  }
  return pids.reduce((sum, pid) => sum + rssMib(pid), 0);
}

export async function sluicePair(heard: Heard): Promise<Pair> {
  const cluster = await TestCluster.start();
  const edges = await measurable(async () => [await cluster.edge(), await cluster.edge()] as const);
  let users = 0;
  return {
    pids: edges.map(({ pid }) => pid),
    redisPid: cluster.redis.process.pid ?? -1,
    async prepare(server) {
      const { url } = edges[server];
      const joinToken = await token(url, `member ${(users += 1)}`);
      return () => sluiceMember(url, joinToken, heard);
    },
    stop: () => cluster.stop(),
  };
}

export async function socketIoPair(heard: Heard): Promise<Pair> {
  const redis = await startRedis();
  const program = 'test/bench/cluster/socketio-server.ts';
  const servers = await measurable(
    async () => [await startProgram(program, [redis.url]), await startProgram(program, [redis.url])] as const,
  );
  return {
    pids: servers.map(({ pid }) => pid),
    redisPid: redis.process.pid ?? -1,
    prepare: (server) => Promise.resolve(() => socketIoMember(servers[server].port, heard)),
    async stop() {
      await Promise.all(servers.map((server) => server.stop()));
      await redis.kill();
    },
  };
}
