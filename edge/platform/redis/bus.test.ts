// The bus between processes, each with a connection of its own, while Redis and the processes come and go.
import { encode } from '@msgpack/msgpack';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { nodeClock } from '../node/clock.ts';
import { createLog } from '../node/log.ts';
import { nodeRandom } from '../node/random.ts';
import { createRedisBus, type RedisBus } from './bus.ts';
import { connect, type RedisConnection } from './connection.ts';
import { until } from './scripted-edges.ts';
import { startRedis, type ScriptedRedis } from './scripted-redis.ts';

interface Process {
  readonly bus: RedisBus;
  readonly connection: RedisConnection;
}

let redis: ScriptedRedis;
let processes: Process[];
const log = createLog({ name: 'test', level: 'silent' });

beforeEach(async () => {
  redis = await startRedis();
  processes = [];
});
afterEach(async () => {
  for (const { bus, connection } of processes) {
    bus.close();
    connection.close();
  }
  await redis.kill();
});

async function start(): Promise<Process> {
  const connection = connect({ url: redis.url, name: 'test', clock: nodeClock, log });
  const bus = createRedisBus({ connection, prefix: 'test:', clock: nodeClock, random: nodeRandom, log });
  processes.push({ bus, connection });
  await bus.settled();
  return { bus, connection };
}

async function serving(name: string): Promise<Process> {
  const made = await start();
  made.bus.serve('a', async (message) => `${name} got ${String(message)}`);
  await made.bus.settled();
  return made;
}

/** The first reply that comes. */
async function reply(bus: RedisBus): Promise<unknown> {
  let answer: unknown;
  await until(async () => {
    answer = await bus.request('a', 1, 500).catch(() => undefined);
    return answer !== undefined;
  });
  return answer;
}

/** So long that the test would not end if it was waited for. */
const forever = 600_000;

describe('a request', () => {
  it('is answered by another process', async () => {
    await serving('server');
    const { bus } = await start();
    expect(await bus.request('a', 1, forever)).toBe('server got 1');
  });

  it('to nobody is rejected at once, as it is when the server has ended or died', async () => {
    const { bus } = await start();
    const refused = { code: 'unavailable', message: 'Nobody serves a' };
    await expect(bus.request('a', 1, forever)).rejects.toMatchObject(refused);
    const polite = await serving('polite');
    polite.bus.close();
    await until(async () => (await redis.admin.keys('test:serve:*')).length === 0);
    await expect(bus.request('a', 1, forever)).rejects.toMatchObject(refused);
    const dying = await serving('dying');
    dying.connection.close();
    await until(async () => (await redis.admin.pubsub('CHANNELS', 'test:serve:*')).length === 0);
    expect(await redis.admin.keys('test:serve:*')).toHaveLength(1);
    await expect(bus.request('a', 1, forever)).rejects.toMatchObject(refused);
  });

  it('goes to who began to serve last, who stays it whatever connection breaks', async () => {
    const first = await serving('first');
    await serving('second');
    const { bus } = await start();
    expect(await bus.request('a', 1, forever)).toBe('second got 1');
    for (let round = 0; round < 5; round += 1) {
      await redis.admin.call('CLIENT', 'KILL', 'TYPE', 'pubsub');
      expect(await reply(bus)).toBe('second got 1');
    }
    // Ending the first takes nothing from the second.
    first.bus.close();
    first.connection.close();
    expect(await reply(bus)).toBe('second got 1');
  });

  it('is answered again after Redis has lost everything', async () => {
    await serving('server');
    const { bus } = await start();
    const { port } = redis;
    await redis.kill();
    await expect(bus.request('a', 1, forever)).rejects.toMatchObject({ code: 'unavailable' });
    redis = await startRedis([], port);
    expect(await reply(bus)).toBe('server got 1');
  });

  it('cannot be answered with what is no MessagePack: then it times out', async () => {
    const { bus } = await start();
    bus.serve('a', async () => () => undefined);
    await bus.settled();
    await expect(bus.request('a', 1, 50)).rejects.toMatchObject({ code: 'unavailable' });
    await expect(bus.request('a', () => undefined, forever)).rejects.toMatchObject({ code: 'internal' });
  });
});

describe('a publication', () => {
  it('reaches every process, after every break', async () => {
    const hearers = await Promise.all([start(), start()]);
    const { bus } = await start();
    const heard = hearers.map((hearer) => {
      const messages: unknown[] = [];
      hearer.bus.subscribe('a', (message) => messages.push(message));
      return messages;
    });
    for (let round = 0; round < 3; round += 1) {
      await Promise.all(hearers.map((hearer) => hearer.bus.settled()));
      bus.publish('a', { round });
      await until(() => heard.every((messages) => messages.length === round + 1));
      await redis.admin.call('CLIENT', 'KILL', 'TYPE', 'pubsub');
      await until(async () => (await redis.admin.pubsub('NUMSUB', 'test:bus:{a}'))[1] === 2);
    }
    expect(heard[0]).toEqual([{ round: 0 }, { round: 1 }, { round: 2 }]);
  });

  it('of rubbish, in the channel, the inbox or to a server, disturbs nobody', async () => {
    const { bus } = await serving('server');
    const heard: unknown[] = [];
    bus.subscribe('b', (message) => heard.push(message));
    await bus.settled();
    const channels = (await redis.admin.pubsub('CHANNELS', 'test:*')).map(String);
    expect(channels).toHaveLength(3);
    const rubbish = [Buffer.from([0xc1]), Buffer.from(encode([1])), Buffer.from(encode({ id: 'x' }))];
    for (const channel of channels.filter((each) => !each.includes('{b}'))) {
      for (const bytes of rubbish) await redis.admin.publish(channel, bytes);
    }
    await redis.admin.publish('test:bus:{b}', Buffer.from([0xc1]));
    expect(await bus.request('a', 1, forever)).toBe('server got 1');
    bus.publish('b', 'sound');
    await until(() => heard.length > 0);
    expect(heard).toEqual(['sound']);
  });
});
