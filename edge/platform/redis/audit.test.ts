import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { auditConformance, entry } from '../../store/conformance/audit.ts';
import { nodeClock } from '../node/clock.ts';
import { createLog } from '../node/log.ts';
import { createRedisAudit } from './audit.ts';
import { connect, type RedisConnection } from './connection.ts';
import { startRedis, type ScriptedRedis } from './scripted-redis.ts';

const log = createLog({ name: 'test', level: 'silent' });

describe('the audit log in Redis', () => {
  let redis: ScriptedRedis;
  let connection: RedisConnection;
  beforeAll(async () => {
    redis = await startRedis();
    connection = connect({ url: redis.url, name: 'test', clock: nodeClock, log });
  });
  afterAll(async () => {
    connection.close();
    await redis.kill();
  });
  const open = async (keep?: number) => {
    await redis.admin.flushall();
    return createRedisAudit({ connection, prefix: 'test:', log, ...(keep !== undefined && { keep }) });
  };

  auditConformance(() => open());

  it('is one for all edges, of many pages, and forgets the oldest', async () => {
    const audit = await open(3000);
    const other = createRedisAudit({ connection, prefix: 'test:', log });
    for (let at = 1; at <= 5000; at += 1) audit.record(entry(at));
    await audit.close();
    const times = async (query: { since?: number; limit: number }) =>
      (await other.recent({ service: 's1', ...query })).map(({ at }) => at);
    expect(await times({ limit: 2 })).toEqual([4999, 5000]);
    expect(await times({ limit: 2500 })).toEqual(Array.from({ length: 2500 }, (_, index) => 2501 + index));
    expect(await times({ since: 4500, limit: 2 })).toEqual([4500, 4501]);
    const [oldest] = await times({ since: 0, limit: 1 });
    expect(oldest).toBeGreaterThan(1000);
    expect(oldest).toBeLessThanOrEqual(2001);
  });

  it('goes on over what is no entry', async () => {
    const audit = await open();
    await redis.admin.xadd('test:audit', '*', 'e', 'rubbish');
    audit.record(entry(1));
    expect(await audit.recent({ service: 's1', limit: 9 })).toEqual([entry(1)]);
  });

  it('loses entries, and nothing else, while Redis is away', async () => {
    const audit = await open();
    const nowhere = connect({ url: 'redis://127.0.0.1:1', name: 'test', clock: nodeClock, log });
    const lost = createRedisAudit({ connection: nowhere, prefix: 'test:', log });
    lost.record(entry(1));
    await lost.close();
    nowhere.close();
    expect(await audit.recent({ service: 's1', limit: 9 })).toEqual([]);
  });
});
