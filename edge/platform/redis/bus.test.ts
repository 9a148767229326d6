// The bus between processes, each with a connection of its own, while Redis and the processes come and go.
import { encode } from '@msgpack/msgpack';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Clock } from '../../clock.ts';
import { nodeClock } from '../node/clock.ts';
import { createLog } from '../node/log.ts';
import { nodeRandom } from '../node/random.ts';
import { createRedisBus, type RedisBus } from './bus.ts';
import { connect, type RedisConnection } from './connection.ts';
import { until } from './scripted-edges.ts';
import { startRedis, startRedisCluster, type ScriptedRedis } from './scripted-redis.ts';
import { slotOf } from './slot.ts';

interface Process {
  readonly bus: RedisBus;
  readonly connection: RedisConnection;
}

let redis: ScriptedRedis;
let processes: Process[];
let lines: string[];
const log = createLog({ name: 'test', write: (line) => void lines.push(line) });

beforeEach(async () => {
  lines = [];
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

async function start(url = redis.url, clock = nodeClock): Promise<Process> {
  const connection = connect({ url, name: 'test', clock: nodeClock, log });
  const bus = createRedisBus({ connection, prefix: 'test:', clock, random: nodeRandom, log });
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

/** A call that is under way until it is ended. */
function slowCall(bus: RedisBus, channel: string) {
  let end: (reply: unknown) => void = () => undefined;
  const reply = new Promise<unknown>((resolve) => (end = resolve));
  const taken = new Promise<void>((resolve) => {
    bus.serve(channel, async () => {
      resolve();
      return reply;
    });
  });
  return { taken, end };
}

/** Hears everything, and is nobody's server or asker. It ends with Redis. */
async function lookOn(): Promise<void> {
  await redis.admin.duplicate().psubscribe('*');
}

it('who only looks on is not taken for a server', async () => {
  await lookOn();
  const { bus } = await start();
  const dying = await serving('dying');
  dying.connection.close();
  await until(async () => (await redis.admin.pubsub('CHANNELS', 'test:serve:*')).length === 0);
  await expect(bus.request('a', 1, forever)).rejects.toMatchObject({ message: 'Nobody serves a' });
});

describe('a request whose asker is not heard of by Redis for a while', () => {
  /** A process that can be kept from listening, and nobody else with it. */
  async function asker(clock = nodeClock): Promise<Process> {
    await redis.admin.acl('SETUSER', 'asker', 'on', '>secret', '~*', '&*', '+@all');
    return start(redis.url.replace('://', '://asker:secret@'), clock);
  }

  async function deafen(): Promise<void> {
    await redis.admin.acl('SETUSER', 'asker', '-subscribe');
    await redis.admin.call('CLIENT', 'KILL', 'USER', 'asker', 'TYPE', 'pubsub');
    await until(() => lines.some((line) => line.includes('a subscription was refused')));
  }

  const mend = () => redis.admin.acl('SETUSER', 'asker', '+subscribe');

  it('goes out when its reply can be heard again', async () => {
    // On a busy machine the way back may take longer than a bus waits.
    const patient: Clock = { ...nodeClock, after: (ms, act) => nodeClock.after(100 * ms, act) };
    const { bus, connection } = await asker(patient);
    const server = await start();
    const heard: unknown[] = [];
    server.bus.serve('a', async (message) => heard.push(message));
    await server.bus.settled();
    await deafen();
    const answer = bus.request('a', 'waits', forever);
    await connection.send('PING', []);
    expect(await server.bus.request('a', 'first', forever)).toBe(1);
    await mend();
    expect(await answer).toBe(2);
    expect(heard).toEqual(['first', 'waits']);
  });

  it('is refused when that takes long, and was not made', async () => {
    const { bus } = await asker();
    const heard: unknown[] = [];
    const server = await start();
    server.bus.serve('a', async (message) => heard.push(message));
    await server.bus.settled();
    await deafen();
    await expect(bus.request('a', 1, forever)).rejects.toMatchObject({
      code: 'unavailable',
      message: 'No reply could be heard',
    });
    expect(heard).toEqual([]);
  });

  it('is answered when the break comes while it is being served, whoever looks on', async () => {
    await lookOn();
    const { bus } = await asker();
    const server = await start();
    const call = slowCall(server.bus, 'a');
    await server.bus.settled();
    const answer = bus.request('a', 1, forever);
    await call.taken;
    await deafen();
    call.end('late');
    await mend();
    expect(await answer).toBe('late');
  });

  it('is answered when Redis itself is away meanwhile, and has lost everything', async () => {
    const { bus } = await start();
    const server = await start();
    const call = slowCall(server.bus, 'a');
    await server.bus.settled();
    const answer = bus.request('a', 1, forever);
    await call.taken;
    const { port } = redis;
    await redis.kill();
    call.end('late');
    // Longer than a command waits.
    await expect(bus.request('a', 1, forever)).rejects.toMatchObject({ code: 'unavailable' });
    redis = await startRedis([], port);
    expect(await answer).toBe('late');
  });
});

it('a request made as soon as Redis is back reaches a server that is back a little later', async () => {
  // However long that takes on a busy machine.
  const { bus, connection } = await start(redis.url, { ...nodeClock, now: () => 0 });
  await redis.admin.acl('SETUSER', 'server', 'on', '>secret', '~*', '&*', '+@all');
  const server = await start(redis.url.replace('://', '://server:secret@'));
  server.bus.serve('a', async () => 'served');
  await server.bus.settled();
  await redis.admin.acl('SETUSER', 'server', '-subscribe');
  await redis.admin.call('CLIENT', 'KILL', 'TYPE', 'pubsub');
  await until(() => lines.some((line) => line.includes('a subscription was refused')));
  await until(() => connection.figures.resubscribes > 0);
  const answer = bus.request('a', 1, forever);
  await redis.admin.acl('SETUSER', 'server', '+subscribe');
  expect(await answer).toBe('served');
});

it('a reply is heard also where the inbox has just moved to another node of a cluster', async () => {
  const cluster = await startRedisCluster();
  try {
    const { bus } = await start(cluster.url);
    const server = await start(cluster.url);
    server.bus.serve('a', async () => 'served');
    await server.bus.settled();
    const found = await Promise.all(
      cluster.nodes.map(async ({ admin }) => admin.call('PUBSUB', 'SHARDCHANNELS', 'test:inbox:*')),
    );
    const inboxes = found.flat().map(String);
    expect(inboxes).toHaveLength(2);
    for (const inbox of inboxes) await moveSlot(cluster.nodes, slotOf(inbox));
    expect(await bus.request('a', 1, forever)).toBe('served');
  } finally {
    await cluster.kill();
  }
});

it.each(['alone', 'cluster'])('a server that was cut off is known by its process: Redis %s', async (kind) => {
  const cluster = kind === 'cluster' ? await startRedisCluster() : undefined;
  try {
    const { url } = cluster ?? redis;
    let now = 0;
    const asker = await start(url, { ...nodeClock, now: () => now });
    const [dead, polite, alive] = await Promise.all([start(url), start(url), start(url)]);
    const places = [...[dead, dead].map(({ bus }) => bus), polite.bus, alive.bus];
    for (const [index, bus] of places.entries()) bus.serve(`${index}`, async () => index);
    await Promise.all([dead, polite, alive].map(({ bus }) => bus.settled()));
    polite.bus.close();
    dead.connection.close();
    const names = ['0', '1', '2', '3', 'nobody'];
    // Who has just come itself cannot tell.
    expect(await asker.bus.cutOff(names)).toEqual(new Map());
    now = 4999;
    expect(await asker.bus.cutOff(names)).toEqual(new Map());
    now = 5000;
    await until(async () => (await asker.bus.cutOff(names)).size === 2);
    const found = await asker.bus.cutOff(names);
    expect([...found.keys()]).toEqual(['0', '1']);
    expect(new Set(found.values()).size).toBe(1);
    const nodes = cluster?.nodes ?? [redis];
    await Promise.all(nodes.map(async ({ admin }) => admin.call('CLIENT', 'KILL', 'TYPE', 'pubsub')));
    await until(() => asker.connection.figures.resubscribes > 0);
    expect(await asker.bus.cutOff(names)).toEqual(new Map());
  } finally {
    await cluster?.kill();
  }
});

/** Gives an empty slot to the next node; all hear of it at once. */
async function moveSlot(nodes: readonly ScriptedRedis[], slot: number): Promise<void> {
  const ids = await Promise.all(nodes.map(async ({ admin }) => String(await admin.call('CLUSTER', 'MYID'))));
  const shards = await nodes[0]?.admin.cluster('SLOTS');
  const owner = shards?.find(([first, last]) => first <= slot && slot <= last)?.[2]?.[1];
  const next = (nodes.findIndex(({ port }) => port === Number(owner)) + 1) % nodes.length;
  for (const { admin } of nodes) await admin.call('CLUSTER', 'SETSLOT', slot, 'NODE', ids[next] ?? '');
}

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
