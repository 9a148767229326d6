// Owns the proof that trouble with Redis is told with its reason, as a real Redis and ioredis put it.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freePort } from '../../edge/platform/node/free-port.ts';
import { nodeClock as clock } from '../../edge/platform/node/clock.ts';
import { createLog } from '../../edge/platform/node/log.ts';
import { connect } from '../../edge/platform/redis/connection.ts';
import { startRedis, type ScriptedRedis } from '../../edge/platform/redis/scripted-redis.ts';
import { redisTrouble } from './redis-trouble.ts';

/** What is told of the Redis at `url`, and what was logged meanwhile. */
async function trouble(url: string): Promise<{ told: string; logged: string }> {
  const lines: string[] = [];
  const log = createLog({ name: 'test', write: (line) => void lines.push(line) });
  const connection = connect({ url, name: 'rooms', clock, log });
  const error: unknown = await connection.send('GET', ['x']).catch((failed: unknown) => failed);
  connection.close();
  return {
    told: redisTrouble('HERE', error instanceof Error ? error.cause : undefined),
    logged: lines.join(''),
  };
}

describe('a Redis that cannot be used', () => {
  let redis: ScriptedRedis;
  beforeAll(async () => {
    redis = await startRedis();
    await redis.admin.config('SET', 'requirepass', 'geheim');
  });
  afterAll(() => redis.kill());

  it('asks for a password', async () => {
    const { told, logged } = await trouble(redis.url);
    expect(told).toBe('Redis at HERE asks for a password: redis://:PASSWORD@HERE');
    expect(logged).toMatch(/^\S+ warn test redis is away store=rooms error="NOAUTH [^\n]*"\n$/);
  });

  it('refuses a password, and nobody repeats it', async () => {
    const { told, logged } = await trouble(redis.url.replace('//', '//:wrong1@'));
    expect(told).toBe('Redis at HERE refuses this user or password');
    expect(`${told}${logged}`).not.toContain('wrong1');
  });

  it('is not there', async () => {
    const { told } = await trouble(`redis://127.0.0.1:${await freePort()}`);
    expect(told).toMatch(/^Redis at HERE does not answer \(connect ECONNREFUSED /);
  });

  it('has a name that nobody knows', async () => {
    expect((await trouble('redis://redis.invalid:6379')).told).toContain('nobody knows that name');
  });
});

it('says no more than it knows', () => {
  expect(redisTrouble('HERE', undefined)).toBe('Redis at HERE does not answer');
});
