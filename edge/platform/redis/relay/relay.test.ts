// Many clients over one connection to a Redis that comes and goes: each gets its own answers in its own order, and hears
// what it asked for.
import { connect as dial, type Socket } from 'node:net';
import type { Redis } from 'ioredis';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createLog } from '../../node/log.ts';
import { nodeClock } from '../../node/clock.ts';
import { connect, type RedisConnection } from '../connection.ts';
import { createProxy, type ScriptedProxy } from '../scripted-proxy.ts';
import { startRedis, type ScriptedRedis } from '../scripted-redis.ts';
import { limits } from './limits.ts';
import type { Relay } from './relay.ts';
import { relayTo } from './scripted-relay.ts';

let redis: ScriptedRedis;
let proxy: ScriptedProxy;
let relay: Relay;
const opened: (RedisConnection | Redis)[] = [];
const lines: string[] = [];
const log = createLog({ name: 'test', write: (line) => void lines.push(line) });

const open = (): RedisConnection => {
  const url = `redis://127.0.0.1:${relay.port}`;
  const connection = connect({ url, name: 'test', clock: nodeClock, log });
  opened.push(connection);
  return connection;
};
const text = (bytes: unknown) => (bytes instanceof Uint8Array ? new TextDecoder().decode(bytes) : bytes);

beforeEach(async () => {
  lines.length = 0;
  redis = await startRedis();
  proxy = await createProxy(redis.port);
  relay = await relayTo(proxy.url, { log });
  await until(() => relay.status().home);
});
afterEach(async () => {
  for (const each of opened.splice(0)) if ('close' in each) each.close();
  await relay.close();
  await proxy.close();
  await redis.kill();
});

async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, 5));
}

async function insist<T>(act: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await act();
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}

function hear(connection: RedisConnection, channel: string) {
  const heard = { messages: [] as unknown[], restored: 0 };
  const stop = connection.subscriptions.listen(channel, {
    message: (bytes) => void heard.messages.push(text(bytes)),
    restored: () => void (heard.restored += 1),
  });
  return Object.assign(heard, { stop });
}

/** What the relay says to these bytes until it has said `enough`, or ends the connection. */
function say(bytes: string, enough: (said: string) => boolean): Promise<string> {
  return new Promise((resolve) => {
    let said = '';
    const socket: Socket = dial(relay.port, '127.0.0.1', () => socket.write(bytes, 'latin1'));
    const done = () => {
      socket.destroy();
      resolve(said);
    };
    socket.on('data', (chunk) => {
      said += chunk.toString('latin1');
      if (enough(said)) done();
    });
    socket.on('error', () => undefined);
    socket.on('close', done);
  });
}

describe('commands', () => {
  it('of many clients at once: each its own answers, in its own order', async () => {
    const clients = Array.from({ length: 8 }, open);
    const asked = clients.map(async (client, index) => {
      const replies = Array.from({ length: 200 }, (_, at) =>
        at % 2 === 0
          ? client.send('RPUSH', [`list${index}`, `${at}`])
          : client.send('ECHO', [`${index}.${at}`]),
      );
      return (await Promise.all(replies)).map(text);
    });
    for (const [index, replies] of (await Promise.all(asked)).entries()) {
      const expected = Array.from({ length: 200 }, (_, at) => (at % 2 === 0 ? at / 2 + 1 : `${index}.${at}`));
      expect(replies).toEqual(expected);
    }
    expect(await redis.admin.client('LIST', 'TYPE', 'NORMAL')).toMatch(
      /^(?:(?!name=sluice-relay ).)*name=sluice-relay (?:(?!name=sluice-relay ).)*$/s,
    );
  });

  it('carry bytes unchanged, large ones too', async () => {
    const client = open();
    const bytes = Uint8Array.from({ length: 300_000 }, (_, index) => index % 256);
    await client.send('SET', ['key', bytes]);
    const back = await client.send('GET', ['key']);
    expect(back instanceof Uint8Array && Buffer.from(bytes).equals(back)).toBe(true);
  });

  it('refused here are answered in their turn', async () => {
    const said = await say(
      '*2\r\n$4\r\nINCR\r\n$1\r\na\r\n*1\r\n$5\r\nMULTI\r\n*2\r\n$4\r\nINCR\r\n$1\r\na\r\n',
      (all) => all.endsWith(':2\r\n'),
    );
    expect(said).toMatch(/^:1\r\n-ERR the relay does not pass on MULTI: [^\r]*\r\n:2\r\n$/);
    expect(relay.status()).toMatchObject({ passed: 2, refused: 1 });
  });

  it.each([['PING\r\n'], ['*1\r\n:1\r\n'], ['*1\r\n$99999999\r\n'], ['GET / HTTP/1.1\r\n\r\n']])(
    'that are none end their connection and no other: %j',
    async (bytes) => {
      const client = open();
      await client.send('SET', ['key', 'x']);
      await say(bytes, () => false);
      expect(text(await client.send('GET', ['key']))).toBe('x');
      await until(() => relay.status().clients === 1);
    },
  );

  it('fail as `unavailable` with the connection to the home, and are not done again', async () => {
    const clients = [open(), open()];
    await Promise.all(clients.map((client) => client.send('SET', ['key', 'x'])));
    lines.length = 0;
    proxy.deaf = true;
    const lost = clients.map((client) => client.send('INCR', ['count']));
    await until(async () => (await redis.admin.get('count')) === '2');
    proxy.cut();
    for (const each of lost) await expect(each).rejects.toMatchObject({ code: 'unavailable' });
    proxy.deaf = false;
    // The clients' own connections have not been touched.
    expect(await insist(() => clients[0]?.send('GET', ['key']) ?? Promise.reject(new Error()))).toBeTruthy();
    expect(await redis.admin.get('count')).toBe('2');
    expect(lines.filter((line) => line.includes('redis is away'))).toEqual([]);
  });

  it('fail at once while the home is away, and work when it is back', async () => {
    const client = open();
    await client.send('SET', ['key', 'x']);
    proxy.target = 1;
    proxy.cut();
    await until(() => !relay.status().home);
    const error: unknown = await client.send('GET', ['key']).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({
      code: 'unavailable',
      cause: { message: 'UNAVAILABLE the home cannot be reached' },
    });
    proxy.target = redis.port;
    expect(text(await insist(() => client.send('GET', ['key'])))).toBe('x');
  });

  it('reconnect where a primary has become a replica', async () => {
    const client = open();
    await client.send('SET', ['key', 'x']);
    const id = await relayId();
    await redis.admin.replicaof('127.0.0.1', 1);
    await expect(client.send('SET', ['key', 'y'])).rejects.toMatchObject({ code: 'unavailable' });
    await redis.admin.replicaof('NO', 'ONE');
    await insist(() => client.send('SET', ['key', 'z']));
    expect(await relayId()).not.toBe(id);
  });

  it('to a home that does not answer: it is noticed, and everything fails', async () => {
    const client = open();
    await client.send('SET', ['key', 'x']);
    proxy.deaf = true;
    await expect(client.send('GET', ['key'])).rejects.toMatchObject({ code: 'unavailable' });
    await until(() => !relay.status().home);
    expect(relay.status().outstanding).toBe(0);
    proxy.deaf = false;
    await until(() => relay.status().home);
  });
});

/** Redis' number for the relay's connection for commands. */
async function relayId(): Promise<string | undefined> {
  const list = String(await redis.admin.client('LIST'));
  return /^id=(\d+) .* name=sluice-relay /m.exec(list)?.[1];
}

describe('channels', () => {
  it('that nobody listens to yet: the connection for them is asked whether it lives, and kept', async () => {
    const pings = async () =>
      Number(/cmdstat_ping:calls=(\d+)/.exec(await redis.admin.info('commandstats'))?.[1] ?? 0);
    const clock = { ...nodeClock, now: () => nodeClock.now() * 3 };
    const hasty = await relayTo(redis.url, { log, clock });
    await until(() => hasty.status().home);
    // Two connections of two relays: some of them are asked again, which needs an answer to the first time.
    await until(async () => (await pings()) > 4);
    await hasty.close();
    expect(lines.join('')).not.toContain('refused');
  }, 30_000);

  it('are listened to once at the home, and heard by everybody here', async () => {
    const clients = Array.from({ length: 5 }, open);
    const heard = clients.map((client) => hear(client, 'a'));
    const other = hear(open(), 'b');
    await until(() => [...heard, other].every(({ restored }) => restored === 1));
    expect(await redis.admin.call('PUBSUB', 'NUMSUB', 'a')).toEqual(['a', 1]);
    for (const each of ['1', '2', '3']) await redis.admin.publish('a', each);
    await until(() => heard.every(({ messages }) => messages.length === 3));
    expect(heard.map(({ messages }) => messages)).toEqual(heard.map(() => ['1', '2', '3']));
    expect(other.messages).toEqual([]);
    for (const { stop } of heard) stop();
    await until(async () => (await redis.admin.publish('a', 'x')) === 0);
    expect(relay.status().channels).toBe(1);
  });

  it('given up and asked for again at once are heard from their beginning on', async () => {
    const client = open();
    const round = async (index: number) => {
      const heard = hear(client, 'a');
      await until(() => heard.restored === 1);
      await redis.admin.publish('a', `${index}`);
      await until(() => heard.messages.includes(`${index}`));
      heard.stop();
    };
    for (let index = 0; index < 20; index += 1) await round(index);
    const others = Array.from({ length: 20 }, () => hear(client, 'a'));
    for (const { stop } of others.slice(1)) stop();
    await until(() => others[0]?.restored === 1);
    await redis.admin.publish('a', 'last');
    await until(() => others[0]?.messages.includes('last') === true);
  });

  it('begun, ended and begun in one breath: the second beginning is the one that holds', async () => {
    const word = (text: string) => `$${text.length}\r\n${text}\r\n`;
    const request = (command: string) => `*2\r\n${word(command)}${word('a')}`;
    const bytes = ['SUBSCRIBE', 'UNSUBSCRIBE', 'SUBSCRIBE'].map(request).join('');
    const answer = (kind: string, count: number) => `*3\r\n${word(kind)}${word('a')}:${count}\r\n`;
    const expected = [answer('subscribe', 1), answer('unsubscribe', 0), answer('subscribe', 1)].join('');
    expect(await say(bytes, (said) => said.length >= expected.length)).toBe(expected);
  });

  it('that broke at the home: every listener is told, and only then hears again', async () => {
    const clients = [open(), open()];
    const heard = clients.map((client) => hear(client, 'a'));
    await until(() => heard.every(({ restored }) => restored === 1));
    for (let round = 2; round < 5; round += 1) {
      await redis.admin.call('CLIENT', 'KILL', 'TYPE', 'pubsub');
      await until(() => heard.every(({ restored }) => restored === round));
      await redis.admin.publish('a', `${round}`);
      await until(() => heard.every(({ messages }) => messages.includes(`${round}`)));
    }
    const { port } = redis;
    await redis.kill();
    redis = await startRedis([], port);
    await until(() => heard.every(({ restored }) => restored === 5));
    expect(relay.status().channels).toBe(1);
  });

  it('a listener that does not read is cut off, and the others hear on', async () => {
    const heard = hear(open(), 'a');
    const idle = dial(relay.port, '127.0.0.1', () => idle.write('*2\r\n$9\r\nSUBSCRIBE\r\n$1\r\na\r\n'));
    idle.on('error', () => undefined);
    await new Promise((resolve) => idle.once('data', resolve));
    idle.pause();
    await until(() => heard.restored === 1);
    const large = Buffer.alloc(1_000_000);
    let sent = 0;
    while (relay.status().cut === 0) {
      await redis.admin.publish('a', large);
      sent += 1;
      await until(() => heard.messages.length === sent);
    }
    expect(sent * large.length).toBeGreaterThan(limits.queuedBytes.listening);
    expect(lines.some((line) => line.includes('it reads too slowly'))).toBe(true);
    expect(heard.restored).toBe(1);
    idle.destroy();
  });
});

describe('with a password', () => {
  it('serves who knows it, and tells nobody else anything', async () => {
    const guarded = await relayTo(proxy.url, { password: 'hunter2', log });
    const to = (credentials: string) => `redis://${credentials}127.0.0.1:${guarded.port}`;
    const right = connect({ url: to(':hunter2@'), name: 'right', clock: nodeClock, log });
    await insist(() => right.send('SET', ['key', 'x']));
    const refused = ['', ':hunter3@', 'hunter2:hunter3@'].map(async (credentials) => {
      const wrong = connect({ url: to(credentials), name: 'wrong', clock: nodeClock, log });
      await expect(wrong.send('GET', ['key'])).rejects.toMatchObject({ code: 'unavailable' });
      wrong.close();
    });
    await Promise.all(refused);
    right.close();
    await guarded.close();
    expect(lines.join()).not.toMatch(/hunter/);
  });
});

it('leads to no cluster, and says so', async () => {
  await expect(relayTo('redis-cluster://127.0.0.1:1')).rejects.toMatchObject({ code: 'bad-request' });
});
