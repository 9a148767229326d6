// Owns what is particular to the room log in Redis; the contract is in the conformance suite.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { nodeClock } from '../node/clock.ts';
import { createLog } from '../node/log.ts';
import { nodeRandom } from '../node/random.ts';
import { connect, type RedisConnection } from './connection.ts';
import { createRedisRoomLog } from './room-log.ts';
import { type ScriptedRedis, startRedis } from './scripted-redis.ts';

let redis: ScriptedRedis;
let connection: RedisConnection;
const log = createLog({ name: 'test', level: 'silent' });
beforeAll(async () => {
  redis = await startRedis();
  connection = connect({ url: redis.url, name: 'test', clock: nodeClock, log });
});
afterAll(async () => {
  connection.close();
  await redis.kill();
});

const week = 604_800;
const timesToLive = async () => {
  const keys = ['t:{room}:head', 't:{room}:log'];
  return Promise.all(keys.map((key) => connection.send('TTL', [key])));
};

it('a log is forgotten a week after it was last appended to', async () => {
  const rooms = createRedisRoomLog({ connection, prefix: 't:', random: nodeRandom, log });
  const { epoch } = await rooms.open('room');
  expect((await timesToLive())[0]).toBeGreaterThan(week - 60);
  await rooms.append('room', { epoch, seq: 0 }, [new Uint8Array(1)]);
  for (const key of ['t:{room}:head', 't:{room}:log']) await connection.send('EXPIRE', [key, 100]);
  await rooms.append('room', { epoch, seq: 1 }, [new Uint8Array(1)]);
  for (const left of await timesToLive()) expect(left).toBeGreaterThan(week - 60);
  await rooms.snapshot('room', { epoch, seq: 2 }, new Uint8Array(1), 3);
  for (const left of await timesToLive()) expect(left).not.toBe(-1);

  for (const key of ['t:{room}:head', 't:{room}:log']) await connection.send('DEL', [key]);
  expect(await rooms.restore('room', { epoch, seq: 2 }, new Uint8Array(1), [])).toBe(true);
  expect((await timesToLive())[0]).toBeGreaterThan(week - 60);
});
