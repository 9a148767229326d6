// Commands and subscriptions over a Redis that comes, goes and misbehaves.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SluiceError } from '../../../schemas/error.ts';
import { createLog } from '../node/log.ts';
import { nodeClock } from '../node/clock.ts';
import { backOffMs } from './client.ts';
import { connect, type RedisConnection } from './connection.ts';
import { script } from './script.ts';
import { createProxy } from './scripted-proxy.ts';
import { startRedis, type ScriptedRedis } from './scripted-redis.ts';

let redis: ScriptedRedis;
let connection: RedisConnection;
let lines: string[];
const log = createLog({ name: 'test', write: (line) => void lines.push(line) });
const open = (url = redis.url) => connect({ url, name: 'test', clock: nodeClock, log });
const text = (bytes: unknown) => (bytes instanceof Uint8Array ? new TextDecoder().decode(bytes) : bytes);

beforeEach(async () => {
  lines = [];
  redis = await startRedis();
  connection = open();
});
afterEach(async () => {
  connection.close();
  await redis.kill();
});

async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, 5));
}

async function failure(promise: Promise<unknown>): Promise<SluiceError> {
  const error = await promise.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof SluiceError)) throw new Error(`no SluiceError: ${String(error)}`);
  return error;
}

describe('commands', () => {
  it('given at once after connecting are done, in their order', async () => {
    const sent = ['a', 'b', 'c'].map((each) => connection.send('RPUSH', ['list', each]));
    expect(await Promise.all(sent)).toEqual([1, 2, 3]);
    const list = await connection.send('LRANGE', ['list', 0, -1]);
    expect(Array.isArray(list) && list.map(text)).toEqual(['a', 'b', 'c']);
  });

  it('carry bytes unchanged', async () => {
    const bytes = Uint8Array.from({ length: 256 }, (_, index) => index);
    await connection.send('SET', ['key', bytes.subarray(1)]);
    expect(await connection.send('GET', ['key'])).toEqual(bytes.subarray(1));
  });

  it('run scripts that Redis does not know, or knows no longer', async () => {
    const sum = script('return ARGV[1] + ARGV[2] + redis.call("INCR", KEYS[1])');
    expect(await connection.run(sum, ['count'], [1, 2])).toBe(4);
    expect(await connection.run(sum, ['count'], [1, 2])).toBe(5);
    await redis.admin.script('FLUSH');
    expect(await connection.run(sum, ['count'], [1, 2])).toBe(6);
  });

  it.each([
    ['of a wrong type', ['LPUSH', ['text', 'x']]],
    ['that do not exist', ['NONSENSE', ['hunter2']]],
  ] as const)('%s are our fault, and the cause does not repeat arguments', async (_, [command, args]) => {
    await connection.send('SET', ['text', '1']);
    const error = await failure(connection.send(command, args));
    expect(error).toMatchObject({ code: 'internal', message: 'Internal error' });
    expect(String(error.cause)).not.toContain('hunter2');
  });

  it('are refused with `unavailable` when Redis is out of memory, and the others go on', async () => {
    await redis.admin.config('SET', 'maxmemory', '1');
    expect(await failure(connection.send('SET', ['key', 'x']))).toMatchObject({ code: 'unavailable' });
    expect(await connection.send('GET', ['key'])).toBeNull();
    await redis.admin.config('SET', 'maxmemory', '0');
    await connection.send('SET', ['key', 'x']);
  });

  it('reconnect where a primary has become a replica', async () => {
    await connection.send('SET', ['key', 'x']);
    await redis.admin.replicaof('127.0.0.1', 1);
    expect(await failure(connection.send('SET', ['key', 'y']))).toMatchObject({ code: 'unavailable' });
    await redis.admin.replicaof('NO', 'ONE');
    await until(() =>
      connection.send('SET', ['key', 'z']).then(
        () => true,
        () => false,
      ),
    );
  });

  it('fail within seconds while Redis is away, do not pile up, and work when it is back', async () => {
    await connection.send('SET', ['key', 'x']);
    const { port } = redis;
    await redis.kill();
    const began = Date.now();
    const many = await Promise.all(
      Array.from({ length: 25_000 }, () => failure(connection.send('GET', ['key']))),
    );
    expect(Date.now() - began).toBeLessThan(10_000);
    expect(many.every(({ code }) => code === 'unavailable')).toBe(true);
    expect(many.some(({ message }) => message.includes('busy'))).toBe(true);
    redis = await startRedis([], port);
    await until(() =>
      connection.send('SET', ['key', 'x']).then(
        () => true,
        () => false,
      ),
    );
  });

  it('without a reply fail in time, and a late one disturbs nobody', async () => {
    await connection.send('SET', ['key', 'x']);
    // Deno's child processes hear only the first signal that is sent through them.
    const signal = (name: 'SIGSTOP' | 'SIGCONT') => process.kill(redis.process.pid ?? -1, name);
    signal('SIGSTOP');
    expect(await failure(connection.send('GET', ['key']))).toMatchObject({ code: 'unavailable' });
    signal('SIGCONT');
    expect(text(await connection.send('GET', ['key']))).toBe('x');
  });

  it('with a lost reply fail, unless they may be repeated', async () => {
    const proxy = await createProxy(redis.port);
    const through = open(proxy.url);
    await through.send('SET', ['key', 'x']);
    proxy.deaf = true;
    const writing = failure(through.send('INCR', ['count']));
    const reading = through.send('GET', ['key'], { repeatable: true });
    await until(async () => (await redis.admin.get('count')) === '1');
    proxy.deaf = false;
    proxy.cut();
    expect(await writing).toMatchObject({ code: 'unavailable' });
    expect(text(await reading)).toBe('x');
    expect(await redis.admin.get('count')).toBe('1');
    through.close();
    await proxy.close();
  });

  it('after close fail at once', async () => {
    connection.close();
    connection.close();
    expect(await failure(connection.send('GET', ['key']))).toMatchObject({ code: 'unavailable' });
  });

  it('need the right password, which is in no log line', async () => {
    await redis.admin.config('SET', 'requirepass', 'hunter2');
    const right = open(redis.url.replace('//', '//:hunter2@'));
    await right.send('SET', ['key', 'x']);
    right.close();
    const wrong = open(redis.url.replace('//', '//:hunter3@'));
    expect(await failure(wrong.send('GET', ['key']))).toMatchObject({ code: 'unavailable' });
    wrong.close();
    expect(lines.length).toBeGreaterThan(0);
    expect(lines.join()).not.toMatch(/hunter/);
  });
});

describe('subscriptions', () => {
  function hear(channel: string) {
    const messages: unknown[] = [];
    const heard = { messages, restored: 0 };
    const stop = connection.subscriptions.listen(channel, {
      message: (bytes) => void messages.push(text(bytes)),
      restored: () => void (heard.restored += 1),
    });
    return Object.assign(heard, { stop });
  }

  it('bring every message to every listener, and tell each when they begin', async () => {
    const first = hear('a');
    await connection.subscriptions.settled();
    const second = hear('a');
    await until(() => first.restored === 1 && second.restored === 1);
    for (const each of ['1', '2', '3']) await redis.admin.publish('a', each);
    await redis.admin.publish('b', 'elsewhere');
    await until(() => second.messages.length === 3);
    expect(first.messages).toEqual(['1', '2', '3']);
    expect(second.messages).toEqual(['1', '2', '3']);
    first.stop();
    await redis.admin.publish('a', '4');
    await until(() => second.messages.length === 4);
    expect(first.messages).toHaveLength(3);
    second.stop();
    await until(async () => (await redis.admin.publish('a', 'x')) === 0);
  });

  it('come back by themselves after a cut and after a restart, and say so', async () => {
    const heard = hear('a');
    await connection.subscriptions.settled();
    await redis.admin.call('CLIENT', 'KILL', 'TYPE', 'pubsub');
    await until(() => heard.restored === 2);
    const { port } = redis;
    await redis.kill();
    redis = await startRedis([], port);
    await until(() => heard.restored === 3);
    await redis.admin.publish('a', 'again');
    await until(() => heard.messages.length > 0);
    expect(heard.messages).toEqual(['again']);
  });

  it('a listener that throws disturbs neither the others nor the process', async () => {
    connection.subscriptions.listen('a', {
      message: () => {
        throw new Error('on purpose');
      },
      restored: () => {
        throw new Error('on purpose');
      },
    });
    const heard = hear('a');
    await until(() => heard.restored === 1);
    await redis.admin.publish('a', '1');
    await until(() => heard.messages.length === 1);
    expect(lines.filter((line) => line.includes('a subscriber threw')).length).toBeGreaterThan(0);
  });
});

it('waits longer after each failed attempt, up to a quarter of a second, never all at the same moment', () => {
  const waits = [1, 2, 3, 4, 5, 100, 100_000].map((attempt) => backOffMs(attempt, 1));
  expect(waits).toEqual([50, 100, 200, 250, 250, 250, 250]);
  expect(backOffMs(100, 0)).toBe(188);
});
