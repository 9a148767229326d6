// Owns the cluster benchmark: texts to a room over two edges through Redis, against two socket.io servers with the Redis
// adapter: deliveries per CPU-second, how late they are, how long joining takes, memory of a connection.
import { cpuMs } from '../lib/proc.ts';
import { type Benchmark, median, percentile, progress, round, type Row, table } from '../lib/report.ts';
import { closedLoop, type Load, paced, Tally } from '../signaling/load.ts';
import type { Member } from '../signaling/member.ts';
import { cpuOf, memoryOf, type Pair, sluicePair, socketIoPair } from './stages.ts';

/** `apart`: those who talk are at one server, all others at the other. `mixed`: both have half of each. */
interface Case extends Load {
  readonly place: 'apart' | 'mixed';
}

const cases: readonly Case[] = [
  { size: 10, place: 'apart', seconds: 2, outstanding: 16, pacedPerSecond: 100 },
  { size: 100, place: 'apart', seconds: 3, outstanding: 16, pacedPerSecond: 50 },
  { size: 100, place: 'mixed', seconds: 3, outstanding: 16, pacedPerSecond: 50 },
  { size: 1000, place: 'apart', seconds: 3, outstanding: 4, pacedPerSecond: 5 },
];
const rounds = 2;
const talkers = 4;
/** The last to join do so one after the other. */
const measuredJoins = 30;
const joinsAtOnce = 20;

const contenders = [
  { name: 'sluice', open: sluicePair },
  { name: 'socket.io', open: socketIoPair },
] as const;
type Name = (typeof contenders)[number]['name'];

interface Result {
  readonly perCpuSecond: number;
  readonly redisCpuShare: number;
  readonly latenciesMs: readonly number[];
  readonly joinsMs: readonly number[];
  readonly kibPerConnection: number;
}

async function fill(pair: Pair, { size, place }: Case): Promise<{ members: Member[]; joinsMs: number[] }> {
  const members: Member[] = [];
  const joinsMs: number[] = [];
  const server = (index: number): 0 | 1 => {
    if (place === 'mixed') return index % 2 === 0 ? 0 : 1;
    return index < talkers ? 0 : 1;
  };
  for (let index = 0; index < size;) {
    const together = Math.max(1, Math.min(joinsAtOnce, size - measuredJoins - index));
    const joins = await Promise.all(
      Array.from({ length: together }, (_, offset) => pair.prepare(server(index + offset))),
    );
    const start = performance.now();
    members.push(...(await Promise.all(joins.map((join) => join()))));
    if (together === 1) joinsMs.push(performance.now() - start);
    index += together;
  }
  return { members, joinsMs };
}

async function measure(open: (typeof contenders)[number]['open'], load: Case): Promise<Result> {
  const tally = new Tally(load.size);
  const pair = await open(tally.heard);
  try {
    const memory = await memoryOf(pair);
    const { members, joinsMs } = await fill(pair, load);
    const kibPerConnection = (((await memoryOf(pair)) - memory) * 1024) / load.size;
    const senders = members.slice(0, talkers);
    await closedLoop(tally, senders, { ...load, seconds: 1 });
    tally.deliveries = 0;
    const [cpu, redis] = [cpuOf(pair), cpuMs(pair.redisPid)];
    await closedLoop(tally, senders, load);
    const serversMs = cpuOf(pair) - cpu;
    const redisMs = cpuMs(pair.redisPid) - redis;
    const perCpuSecond = (tally.deliveries * 1000) / serversMs;
    tally.latenciesMs = [];
    await paced(tally, senders, load);
    for (const member of members) member.close();
    return {
      perCpuSecond,
      redisCpuShare: redisMs / (serversMs + redisMs),
      latenciesMs: tally.latenciesMs,
      joinsMs,
      kibPerConnection,
    };
  } finally {
    await pair.stop();
  }
}

const sorted = (lists: readonly (readonly number[])[]): number[] => lists.flat().toSorted((a, b) => a - b);

export const cluster: Benchmark = {
  name: 'cluster',
  about:
    'texts through two edges and Redis: deliveries per CPU-second, latency, joins, memory, against socket.io',
  async run() {
    const rows: Row[] = [];
    const figures = new Map<
      string,
      { perCpuSecond: number; joinMs: number; latencyMs: number; kib: number }
    >();
    for (const load of cases) {
      const results = new Map<Name, Result[]>(contenders.map(({ name }) => [name, []]));
      for (let turn = 1; turn <= rounds; turn += 1) {
        for (const { name, open } of contenders) {
          progress(`room of ${load.size}, ${load.place}, round ${turn} of ${rounds}: ${name}`);
          results.get(name)?.push(await measure(open, load));
        }
      }
      for (const [name, list] of results) {
        const middle = (of: (result: Result) => number): number => median(list.map(of));
        const latencies = sorted(list.map(({ latenciesMs }) => latenciesMs));
        const joins = sorted(list.map(({ joinsMs }) => joinsMs));
        const perCpuSecond = middle((result) => result.perCpuSecond);
        const kib = middle((result) => result.kibPerConnection);
        figures.set(`${name} ${load.size} ${load.place}`, {
          perCpuSecond,
          joinMs: percentile(joins, 0.5),
          latencyMs: percentile(latencies, 0.5),
          kib,
        });
        rows.push({
          servers: name,
          room: load.size,
          members: load.place,
          'deliveries/CPU-s': Math.round(perCpuSecond),
          'p50 ms': round(percentile(latencies, 0.5)),
          'p99 ms': round(percentile(latencies, 0.99)),
          'join p50 ms': round(percentile(joins, 0.5), 1),
          'p99 ': round(percentile(joins, 0.99), 1),
          'KiB/connection': round(kib, 1),
          'Redis of all CPU': `${Math.round(middle((result) => result.redisCpuShare) * 100)} %`,
        });
      }
    }
    console.log(table(rows));
    type Figure = 'perCpuSecond' | 'joinMs' | 'latencyMs' | 'kib';
    const against = (of: Figure, size: number, place: Case['place'] = 'apart'): number =>
      round(
        (figures.get(`sluice ${size} ${place}`)?.[of] ?? Number.NaN) /
          (figures.get(`socket.io ${size} ${place}`)?.[of] ?? Number.NaN),
      );
    const perSize = (of: Figure) => ({ 10: against(of, 10), 100: against(of, 100), 1000: against(of, 1000) });
    return {
      bench: 'cluster',
      ratio: against('perCpuSecond', 100),
      better: 'higher',
      baseline:
        'two socket.io 4.8.4 servers with @socket.io/redis-adapter 8.3.0, room of 100, deliveries per CPU-second',
      goal: '>= 2',
      details: {
        deliveries: { ...perSize('perCpuSecond'), mixed100: against('perCpuSecond', 100, 'mixed') },
        latencyP50: perSize('latencyMs'),
        joinP50: perSize('joinMs'),
        memoryPerConnection: against('kib', 1000),
        connectionsPerGiB: Math.round((1024 * 1024) / (figures.get('sluice 1000 apart')?.kib ?? Number.NaN)),
        socketIoConnectionsPerGiB: Math.round(
          (1024 * 1024) / (figures.get('socket.io 1000 apart')?.kib ?? Number.NaN),
        ),
      },
    };
  },
};
