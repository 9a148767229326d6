import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { jobsConformance } from '../../store/conformance/jobs.ts';
import { nodeClock } from '../node/clock.ts';
import { createLog } from '../node/log.ts';
import { createRedisJobs } from './jobs.ts';
import { until } from './scripted-edges.ts';
import { startRedis, startRedisCluster, type ScriptedRedis } from './scripted-redis.ts';

const lines: string[] = [];
const log = createLog({ name: 'test', write: (line) => void lines.push(line) });
const open = (url: string) => createRedisJobs({ url, prefix: 'test:', clock: nodeClock, log });

describe.each([
  ['Redis', startRedis],
  ['Redis Cluster', startRedisCluster],
] as const)('on %s', (name, start) => {
  let server: { readonly url: string; kill(): Promise<void> };
  let nodes: readonly ScriptedRedis[];
  beforeAll(async () => {
    const started = await start();
    server = started;
    nodes = 'nodes' in started ? started.nodes : [started];
  });
  afterAll(() => server.kill());

  jobsConformance(name, async () => {
    await Promise.all(nodes.map(({ admin }) => admin.flushall()));
    const port = open(server.url);
    return {
      port,
      now: () => Date.now(),
      advance: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
      close: () => port.close(),
    };
  });
});

describe('jobs of many processes', () => {
  it('are shared among those who do them, each done once', async () => {
    const redis = await startRedis();
    const all = [open(redis.url), open(redis.url), open(redis.url)];
    const done: unknown[] = [];
    for (const jobs of all) jobs.work('a', async ({ data }) => void done.push(data));
    const numbers = Array.from({ length: 60 }, (_, index) => index);
    for (const number of numbers) await all[number % 3]?.add({ kind: 'a', data: number });
    await until(() => done.length >= 60);
    expect(done.map(Number).sort((a, b) => a - b)).toEqual(numbers);
    await Promise.all(all.map((jobs) => jobs.close()));
    await redis.kill();
  });

  it('fail to be added while Redis is away, and go on when it is back', { timeout: 60_000 }, async () => {
    let redis = await startRedis();
    const { port } = redis;
    const jobs = open(redis.url);
    const done: unknown[] = [];
    jobs.work('a', async ({ data }) => void done.push(data));
    await jobs.add({ kind: 'a', data: 'before' });
    await until(() => done.length > 0);
    await redis.kill();
    await expect(jobs.add({ kind: 'a', data: 'meanwhile' })).rejects.toMatchObject({ code: 'unavailable' });
    redis = await startRedis([], port);
    await until(() =>
      jobs.add({ kind: 'a', data: 'after' }).then(
        () => true,
        () => false,
      ),
    );
    await until(() => done.includes('after'));
    await jobs.close();
    await redis.kill();
  });
});
