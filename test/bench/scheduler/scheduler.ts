// Owns the scheduler benchmark: picks a second over 10,000 workers in one Redis, all strategies, with and without ISP and
// region, against a script that looks at every worker and against the registry in memory.
import { estimatedCost } from '../../../edge/cluster/scheduling.ts';
import { millionths } from '../../../edge/cluster/load-estimate.ts';
import { strategies } from '../../../edge/cluster/strategy.ts';
import { createMemoryRegistry } from '../../../edge/platform/memory/registry.ts';
import { nodeClock } from '../../../edge/platform/node/clock.ts';
import { createLog } from '../../../edge/platform/node/log.ts';
import { nodeRandom } from '../../../edge/platform/node/random.ts';
import { connect } from '../../../edge/platform/redis/connection.ts';
import { createRedisRegistry } from '../../../edge/platform/redis/registry.ts';
import { script } from '../../../edge/platform/redis/script.ts';
import { startRedis, type ScriptedRedis } from '../../../edge/platform/redis/scripted-redis.ts';
import { madeWorker } from '../../../edge/store/conformance/made-worker.ts';
import type { Registry } from '../../../edge/store/registry.ts';
import type { Origin } from '../../../schemas/room.ts';
import { cpuMs } from '../lib/proc.ts';
import { type Benchmark, median, progress, round, type Row, table } from '../lib/report.ts';
import scanLua from './scan.lua';

const workers = 10_000;
const isps = 4;
const regions = 8;
const clients = 8;
/** Picks that one client waits for at a time. */
const lanes = 32;
const picks = 20_000;
const scans = 100;
const now = 1_700_000_000_000;
const log = createLog({ name: 'bench', level: 'error' });

interface Rate {
  /** Picks a second on the clock, and for each second of Redis' (or the one process') processor time. */
  readonly perSecond: number;
  readonly perCpuSecond: number;
}

const placed = (index: number, located: boolean) =>
  located ? { isps: [`isp${index % isps}`], regions: [`region${index % regions}`] } : {};
const origin = (index: number, located: boolean): Origin =>
  located ? { isp: `isp${index % isps}`, region: `region${index % regions}` } : { isp: '', region: '' };

async function inLanes(
  count: number,
  width: number,
  act: (index: number) => Promise<unknown>,
): Promise<void> {
  let next = 0;
  await Promise.all(
    Array.from({ length: width }, async () => {
      for (let index = next++; index < count; index = next++) await act(index);
    }),
  );
}

async function measured(
  pid: number,
  count: number,
  width: number,
  act: (index: number) => Promise<unknown>,
): Promise<Rate> {
  const cpu = cpuMs(pid);
  const start = performance.now();
  await inLanes(count, width, act);
  const ms = performance.now() - start;
  return { perSecond: (count * 1000) / ms, perCpuSecond: (count * 1000) / (cpuMs(pid) - cpu) };
}

async function ours(redis: ScriptedRedis, strategy: string, located: boolean): Promise<Rate> {
  await redis.admin.flushall();
  const connections = Array.from({ length: clients }, () =>
    connect({ url: redis.url, name: 'bench', clock: nodeClock, log }),
  );
  const edges: Registry[] = connections.map((connection) =>
    createRedisRegistry({
      connection,
      random: nodeRandom,
      log,
      scheduling: { strategy: { webrtc: strategy } },
    }),
  );
  const edge = (index: number): Registry => {
    const found = edges[index % clients];
    if (found === undefined) throw new Error('no edge');
    return found;
  };
  await inLanes(workers, clients * lanes, (index) => {
    const made = { load: (index % 80) / 100, ...placed(index, located) };
    return edge(index).announce(madeWorker(`worker-${index}`, made), now);
  });
  const pick = async (index: number, prefix: string) => {
    const demand = { purpose: 'webrtc', task: `${prefix}${index}`, origin: origin(index, located) } as const;
    const picked = await edge(index).pick(demand, now);
    if (picked.worker === undefined) throw new Error(`nobody was picked: ${picked.why}`);
  };
  await inLanes(1000, clients * lanes, (index) => pick(index, 'warm'));
  const rate = await measured(redis.process.pid ?? 0, picks, clients * lanes, (index) => pick(index, 't'));
  for (const connection of connections) connection.close();
  return rate;
}

async function scan(redis: ScriptedRedis, located: boolean): Promise<Rate> {
  await redis.admin.flushall();
  const connection = connect({ url: redis.url, name: 'bench', clock: nodeClock, log });
  const scanScript = script(scanLua);
  for (let index = 0; index < workers; index += 1) {
    const { isp, region } = origin(index, located);
    const load = millionths((index % 80) / 100);
    await redis.admin.hset('{s}w', `worker-${index}`, `${load}:850000:${isp}:${region}`);
  }
  const cost = millionths(estimatedCost.webrtc);
  const rate = await measured(redis.process.pid ?? 0, scans, 4, (index) => {
    const { isp, region } = origin(index, located);
    return connection.run(scanScript, ['{s}w', '{s}t'], [isp, region, cost, `t${index}`]);
  });
  connection.close();
  return rate;
}

async function inMemory(located: boolean): Promise<Rate> {
  const registry = createMemoryRegistry({
    random: nodeRandom,
    scheduling: { strategy: { webrtc: 'least-used' } },
  });
  for (let index = 0; index < workers; index += 1) {
    const made = { load: (index % 80) / 100, ...placed(index, located) };
    await registry.announce(madeWorker(`worker-${index}`, made), now);
  }
  return measured(process.pid, scans, 1, (index) =>
    registry.pick({ purpose: 'webrtc', task: `t${index}`, origin: origin(index, located) }, now),
  );
}

const row = (what: string, located: boolean, rate: Rate): Row => ({
  'picked by': what,
  places: located ? `${isps} ISPs, ${regions} regions` : 'none',
  'picks/s': round(rate.perSecond, 0),
  'picks per CPU-second': round(rate.perCpuSecond, 0),
});

export const scheduler: Benchmark = {
  name: 'scheduler',
  about:
    'picks a second over 10,000 workers in Redis, by strategy, against a script that looks at every worker',
  async run() {
    const redis = await startRedis();
    const rows: Row[] = [];
    const rates: Rate[] = [];
    const scanned: Rate[] = [];
    try {
      for (const located of [false, true]) {
        for (const strategy of strategies) {
          progress(`${strategy}, ${located ? 'with' : 'without'} ISP and region`);
          const rate = await ours(redis, strategy, located);
          rates.push(rate);
          rows.push(row(strategy, located, rate));
        }
        progress('looking at every worker');
        const naive = await scan(redis, located);
        scanned.push(naive);
        rows.push(
          row('Lua, every worker looked at', located, naive),
          row('memory', located, await inMemory(located)),
        );
      }
    } finally {
      await redis.kill();
    }
    console.log(table(rows));
    const slowest = Math.min(...rates.map(({ perCpuSecond }) => perCpuSecond));
    return {
      bench: 'scheduler',
      ratio: round(slowest / median(scanned.map(({ perCpuSecond }) => perCpuSecond)), 1),
      better: 'higher',
      baseline:
        'a Lua script that looks at every worker, picks per CPU-second of Redis, our slowest strategy',
      goal: '20,000 picks/s over 10,000 workers',
      details: {
        slowestPerCpuSecond: round(slowest, 0),
        medianPerCpuSecond: round(median(rates.map(({ perCpuSecond }) => perCpuSecond)), 0),
        medianPerSecond: round(median(rates.map(({ perSecond }) => perSecond)), 0),
        clients,
        inFlightEach: lanes,
      },
    };
  },
};
