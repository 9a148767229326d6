// Several edges on one registry in Redis. What one sees of it is in ports.test.ts.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { strategies } from '../../cluster/strategy.ts';
import { madeWorker } from '../../store/conformance/made-worker.ts';
import { nodeClock } from '../node/clock.ts';
import { createLog } from '../node/log.ts';
import { nodeRandom } from '../node/random.ts';
import { connect, type RedisConnection } from './connection.ts';
import { createRedisRegistry } from './registry.ts';
import type { Picked } from '../../store/registry.ts';
import { patiently } from './scripted-patience.ts';
import { createProxy } from './scripted-proxy.ts';
import { startRedis, type ScriptedRedis } from './scripted-redis.ts';

const log = createLog({ name: 'test', level: 'silent' });

/** Eight at a time for each of eight clients: all at once would be slow on a busy machine, and that is not the question. */
async function lanes<T>(items: readonly T[], act: (item: T, index: number) => Promise<void>): Promise<void> {
  let next = 0;
  const lane = async () => {
    for (let index = next++; index < items.length; index = next++) {
      const item = items[index];
      if (item !== undefined) await patiently(() => act(item, index));
    }
  };
  await Promise.all(Array.from({ length: 64 }, lane));
}

describe('edges that share a registry', () => {
  const now = 1_700_000_000_000;
  let redis: ScriptedRedis;
  let connections: RedisConnection[];
  const registry = (
    scheduling: Parameters<typeof createRedisRegistry>[0]['scheduling'] = {},
    url = redis.url,
  ) => {
    const connection = connect({ url, name: 'test', clock: nodeClock, log });
    connections.push(connection);
    return createRedisRegistry({ connection, random: nodeRandom, log, scheduling });
  };
  beforeEach(async () => {
    connections = [];
    redis = await startRedis();
  });
  afterEach(async () => {
    for (const connection of connections) connection.close();
    await redis.kill();
  });

  it('an edge picks on when all data were lost and the workers have come back in another order', async () => {
    const edge = registry();
    const demand = { purpose: 'webrtc', task: 't', origin: { isp: '', region: '' } } as const;
    const everywhere = madeWorker('everywhere');
    const elsewhere = madeWorker('elsewhere', { isps: ['x'] });
    const come = async (...workers: (typeof everywhere)[]) => {
      for (const worker of workers) await edge.announce(worker, now);
    };
    await come(everywhere, elsewhere);
    expect(await edge.pick(demand, now)).toEqual({ worker: 'everywhere' });
    await redis.admin.flushall();
    await come(elsewhere, everywhere);
    expect(await edge.pick(demand, now)).toEqual({ worker: 'everywhere' });
  });

  const cases = strategies.flatMap((strategy) => [
    { strategy, located: false },
    { strategy, located: true },
  ]);
  it.each(cases)(
    '8 pick in parallel over 1,000 workers by $strategy, located: $located, and nobody gets more than fits',
    { timeout: 120_000 },
    async ({ strategy, located }) => {
      const settings = { strategy: { webrtc: strategy }, cost: { webrtc: 0.4 } };
      const edges = Array.from({ length: 8 }, () => registry(settings));
      const place = (index: number) =>
        located ? { isps: [`isp${index % 2}`], regions: [`region${index % 8}`] } : {};
      const workers = Array.from({ length: 1000 }, (_, index) => index);
      await lanes(workers, async (index) => {
        await edges[index % 8]?.announce(madeWorker(`w${index}`, place(index)), now);
      });
      const asked = workers.flatMap((index) => [index, index, index, index]);
      const picks: Picked[] = [];
      await lanes(asked, async (index, task) => {
        const [isp = '', region = ''] = located ? [`isp${index % 2}`, `region${index % 8}`] : [];
        const demand = { purpose: 'webrtc', task: `t${task}`, origin: { isp, region } } as const;
        picks[task] = (await edges[task % 8]?.pick(demand, now)) ?? { why: 'nobody' };
      });
      const counts = new Map<string, number>();
      for (const [task, picked] of picks.entries()) {
        const { worker } = picked;
        if (worker === undefined) continue;
        counts.set(worker, (counts.get(worker) ?? 0) + 1);
        if (located) expect(Number(worker.slice(1)) % 8).toBe((asked[task] ?? 0) % 8);
      }
      // 0, 0.4 and 0.8 are below the limit of 0.85.
      expect(counts.size).toBe(1000);
      expect(new Set(counts.values())).toEqual(new Set([3]));
    },
  );

  it('hear of workers that were lost while the connection was', async () => {
    const proxy = await createProxy(redis.port);
    const lost: string[] = [];
    const one = registry();
    registry({}, proxy.url).watch((worker, reason) => lost.push(`${worker} ${reason}`));
    await one.announce(madeWorker('a'), now);
    await one.announce(madeWorker('b'), now);
    await connections[1]?.subscriptions.settled();
    // The first look at what was lost before is under way.
    await connections[1]?.send('PING', []);
    await one.remove('a', 'quit');
    while (lost.length < 1) await new Promise((resolve) => setTimeout(resolve, 5));
    proxy.deaf = true;
    proxy.cut();
    await one.remove('b', 'crash');
    proxy.deaf = false;
    while (lost.length < 2) await new Promise((resolve) => setTimeout(resolve, 5));
    expect(lost).toEqual(['a quit', 'b crash']);
  });

  it('hear of workers that are lost after Redis has lost all it knew, also when they could not look then', async () => {
    await redis.admin.acl('SETUSER', 'deaf', 'on', '>secret', '~*', '&*', '+@all');
    const lost: string[] = [];
    const one = registry();
    const deaf = registry({}, redis.url.replace('://', '://deaf:secret@'));
    deaf.watch((worker, reason) => lost.push(`${worker} ${reason}`));
    await connections[1]?.subscriptions.settled();
    await connections[1]?.send('PING', []);
    const lose = async (worker: string) => {
      await one.announce(madeWorker(worker), now);
      await one.remove(worker, 'quit');
    };
    for (const worker of ['a', 'b', 'c']) await lose(worker);
    while (lost.length < 3) await new Promise((resolve) => setTimeout(resolve, 5));
    await redis.admin.acl('SETUSER', 'deaf', '-subscribe', '-lrange', '-get');
    await redis.admin.call('CLIENT', 'KILL', 'USER', 'deaf', 'TYPE', 'pubsub');
    await redis.admin.flushall();
    await lose('d');
    await redis.admin.acl('SETUSER', 'deaf', '+subscribe');
    while (connections[1]?.figures.resubscribes === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    await lose('e');
    while (lost.length < 4) await new Promise((resolve) => setTimeout(resolve, 5));
    expect(lost.at(-1)).toBe('e quit');
    await redis.admin.acl('SETUSER', 'deaf', '+lrange', '+get');
    while (lost.length < 5) await new Promise((resolve) => setTimeout(resolve, 5));
    expect(lost).toEqual(['a quit', 'b quit', 'c quit', 'e quit', 'd quit']);
  });

  it('go on with what workers say when Redis has lost all it knew', async () => {
    const one = registry();
    await one.announce(madeWorker('a'), now);
    expect(await one.pick({ purpose: 'webrtc', task: 't', origin: { isp: '', region: '' } }, now)).toEqual({
      worker: 'a',
    });
    await redis.admin.flushall();
    expect(await one.pick({ purpose: 'webrtc', task: 't', origin: { isp: '', region: '' } }, now)).toEqual({
      why: 'nobody',
    });
    await one.announce(madeWorker('b'), now);
    expect(await one.pick({ purpose: 'webrtc', task: 't', origin: { isp: '', region: '' } }, now)).toEqual({
      worker: 'b',
    });
  });
});
