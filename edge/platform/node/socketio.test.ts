import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ioClients, startScriptedServer, type IoClient, type ScriptedServer } from './scripted-server.ts';

let running: ScriptedServer;
const clients: IoClient[] = [];
beforeEach(async () => {
  running = await startScriptedServer();
});
afterEach(async () => {
  for (const client of clients.splice(0)) client.disconnect();
  await running.close();
});

type Version = keyof typeof ioClients;

class Client {
  readonly socket: IoClient;
  readonly heard: [event: string, data: unknown][] = [];
  #waiting: (() => void)[] = [];

  constructor(version: Version, options: object = {}) {
    this.socket = ioClients[version](running.url, {
      forceNew: true,
      reconnectionDelay: 20,
      reconnectionDelayMax: 40,
      ...options,
    });
    clients.push(this.socket);
    for (const event of ['participant', 'text', 'stream', 'progress', 'drop', 'disconnect']) {
      this.socket.on(event, (data?: unknown) => {
        this.heard.push([event, data]);
        for (const check of this.#waiting) check();
      });
    }
  }

  ask(event: string, ...data: unknown[]): Promise<unknown[]> {
    return new Promise((resolve) => this.socket.emit(event, ...data, (...args: unknown[]) => resolve(args)));
  }

  async login(user: string): Promise<{ id: string; ticket: string }> {
    const [status, data] = await this.ask('login', {
      token: await running.token(user),
      userAgent: { sdk: { type: 'JavaScript', version: '5.1' } },
      protocol: '1.2',
    });
    if (status !== 'ok') throw new Error(String(data));
    const { id, reconnectionTicket: ticket } = data as { id: string; reconnectionTicket: string };
    return { id, ticket };
  }

  /** Resolves once the event was heard so many times. */
  hear(event: string, times = 1): Promise<unknown[]> {
    return new Promise((resolve) => {
      const check = () => {
        const found = this.heard.filter(([name]) => name === event);
        if (found.length >= times) resolve(found.map(([, data]) => data));
      };
      this.#waiting.push(check);
      check();
    });
  }

  get transport(): string {
    return this.socket.io.engine.transport.name;
  }
}

const connected = (client: Client) =>
  new Promise<void>((resolve) => {
    if (client.socket.connected) resolve();
    else client.socket.once('connect', () => resolve());
  });
const texts = (client: Client) =>
  client.heard.filter(([event]) => event === 'text').map(([, data]) => (data as { message: string }).message);

const versions: Version[] = ['2.5.0', '3.1.2', '4.8.4'];
const transports: [string, string[]][] = [
  ['polling, then websocket', ['polling', 'websocket']],
  ['websocket only', ['websocket']],
  ['polling only', ['polling']],
];

describe.each(versions)('socket.io client %s', (version) => {
  it.each(transports)('portal-protocol#1 logs in, asks and hears over %s', async (_, names) => {
    const ann = new Client(version, { transports: names });
    const bob = new Client('4.8.4', { transports: ['websocket'] });
    const [{ id }] = [await ann.login('ann'), await bob.login('bob')];
    expect(id).toMatch(/^[\w-]{20}$/);
    expect(await ann.hear('participant')).toMatchObject([{ action: 'join', data: { user: 'bob' } }]);
    expect(await ann.ask('text', { to: 'all', message: 'hi' })).toEqual(['ok']);
    expect(await bob.hear('text')).toEqual([{ from: id, to: 'all', message: 'hi' }]);
    expect(await ann.hear('text')).toHaveLength(1);
    const [status, published] = await ann.ask('publish', {
      media: { tracks: [{ type: 'audio', mid: '0', source: 'mic' }] },
      transport: { type: 'webrtc' },
    });
    expect(status).toBe('ok');
    const session = (published as { id: string }).id;
    expect(await ann.ask('soac', { id: session, signaling: { type: 'offer', sdp: 'v=0' } })).toEqual(['ok']);
    const progress = await ann.hear('progress', 3);
    // The answer may come before, between or after the others (portal-protocol §7.2).
    expect(progress.filter((each) => (each as { status: string }).status !== 'soac')).toEqual([
      { id: session, status: 'ready' },
      { id: session, sessionId: session, status: 'ready' },
    ]);
    expect(progress).toContainEqual({
      id: session,
      status: 'soac',
      data: { type: 'answer', sdp: 'answer to v=0' },
    });
    expect(await ann.ask('logout')).toEqual(['ok']);
  });

  it.each([['websocket'], ['polling']])(
    'portal-protocol#11 comes back over %s after its transport broke, and hears what it missed, once',
    async (name) => {
      const ann = new Client(version, { transports: [name] });
      const bob = new Client('4.8.4', { transports: ['websocket'] });
      const { id, ticket } = await ann.login('ann');
      await bob.login('bob');
      await bob.ask('text', { to: id, message: 'before' });
      await ann.hear('text');
      // What reached the client is known as such only a moment later.
      await new Promise((resolve) => setTimeout(resolve, 50));
      let relogin: Promise<unknown[]> | undefined;
      const back = new Promise<void>((resolve) => {
        ann.socket.once('connect', () => {
          relogin = ann.ask('relogin', ticket);
          resolve();
        });
      });
      ann.socket.io.engine.close();
      await bob.ask('text', { to: id, message: 'missed' });
      await back;
      const [status, next] = (await relogin) ?? [];
      expect([status, typeof next]).toEqual(['ok', 'string']);
      await ann.hear('text', 2);
      await bob.ask('text', { to: id, message: 'after' });
      await ann.hear('text', 3);
      expect(texts(ann)).toEqual(['before', 'missed', 'after']);
      expect(bob.heard.filter(([event]) => event === 'participant')).toEqual([]);
    },
  );

  it('portal-protocol#12 hears drop before the disconnect, and does not come back', async () => {
    const ann = new Client(version);
    const { id } = await ann.login('ann');
    await running.room().execute({ type: 'drop', participant: id, reason: 'removed' });
    await ann.hear('disconnect');
    expect(ann.heard).toEqual([
      ['drop', null],
      ['disconnect', 'io server disconnect'],
    ]);
    expect(ann.socket.connected).toBe(false);
  });

  it('portal-protocol#3 is refused with a text and disconnected', async () => {
    const ann = new Client(version);
    const reply = await ann.ask('login', { token: 'x', protocol: '0.1' });
    expect(reply).toEqual(['error', 'Unknown client protocol']);
    await ann.hear('disconnect');
  });
});

describe.each(versions)('socket.io client %s in a room that mixes', (version) => {
  beforeEach(async () => {
    await running.close();
    running = await startScriptedServer({ mixes: true });
  });

  it('is acknowledged whatever it asks of a view', async () => {
    const ann = new Client(version);
    await ann.login('ann');
    const [, published] = await ann.ask('publish', {
      media: { tracks: [{ type: 'video', mid: '0', source: 'camera' }] },
      transport: { type: 'webrtc' },
    });
    const { id } = published as { id: string };
    await ann.hear('stream');
    const ask = (operation: string, data: unknown) => ann.ask('stream-control', { id, operation, data });
    expect(await ask('get-region', 'common')).toEqual(['error', 'Invalid input stream_id.']);
    expect(await ask('mix', 'common')).toEqual(['ok', 'ok']);
    expect(await ask('get-region', 'common')).toEqual(['ok', { region: '1' }]);
    expect(await ask('set-region', { view: 'common', region: '1' })).toEqual(['ok', 'ok']);
    expect(await ask('set-region', { view: 'common', region: '2' })).toEqual(['error', 'Invalid region_id.']);
    expect(await ask('mix', 'nowhere')).toEqual(['error', 'Invalid view']);
    expect(await ask('unmix', 'common')).toEqual(['ok', 'ok']);
    expect((await ask('mix', { label: 'common' }))[0]).toBe('error');
    expect((await ask('set-layout', []))[0]).toBe('error');
    expect((await ann.ask('stream-control', null))[0]).toBe('error');
  });
});

it('upgrades from polling to websocket without losing or repeating a message', async () => {
  const ann = new Client('2.5.0');
  const bob = new Client('4.8.4', { transports: ['websocket'] });
  const { id } = await ann.login('ann');
  await bob.login('bob');
  const expected = Array.from({ length: 60 }, (_, index) => `m${index}`);
  for (const message of expected) {
    await bob.ask('text', { to: id, message });
    if (message.endsWith('5')) await new Promise((resolve) => setTimeout(resolve, 5));
  }
  await ann.hear('text', 60);
  expect(texts(ann)).toEqual(expected);
  expect(ann.transport).toBe('websocket');
});

it('confirms over websocket by the client’s pong: what a dead network swallowed is sent again', async () => {
  const ann = new Client('4.8.4', { transports: ['websocket'] });
  const bob = new Client('4.8.4', { transports: ['websocket'] });
  const { id, ticket } = await ann.login('ann');
  await bob.login('bob');
  // The client stops reading: the server can write, nothing arrives.
  const { _socket: raw } = (
    ann.socket.io.engine.transport as unknown as { ws: { _socket: { pause(): void; destroy(): void } } }
  ).ws;
  raw.pause();
  await bob.ask('text', { to: id, message: 'swallowed' });
  raw.destroy();
  await connectedAgain(ann);
  await ann.ask('relogin', ticket);
  await ann.hear('text');
  expect(texts(ann)).toEqual(['swallowed']);
});

async function connectedAgain(client: Client): Promise<void> {
  await client.hear('disconnect');
  await connected(client);
}

it('echoes the origin of a browser and allows credentials', async () => {
  const response = await fetch(`${running.url}/socket.io/?EIO=4&transport=polling`, {
    headers: { origin: 'https://app.example' },
  });
  expect(response.status).toBe(200);
  expect(response.headers.get('access-control-allow-origin')).toBe('https://app.example');
  expect(response.headers.get('access-control-allow-credentials')).toBe('true');
});

it('admits only the origins of a list', async () => {
  const strict = await startScriptedServer({ socketio: { origins: ['https://app.example'] } });
  try {
    const from = async (origin: string) => {
      const url = `${strict.url}/socket.io/?EIO=4&transport=polling`;
      return (await fetch(url, { headers: { origin } })).headers.get('access-control-allow-origin');
    };
    expect(await from('https://app.example')).toBe('https://app.example');
    expect(await from('https://evil.example')).toBeNull();
  } finally {
    await strict.close();
  }
});

it('refuses a packet over the limit without losing the server', async () => {
  const ann = new Client('4.8.4', { transports: ['websocket'], reconnection: false });
  await ann.login('ann');
  ann.socket.emit('text', { to: 'all', message: 'x'.repeat(300 * 1024) });
  await ann.hear('disconnect');
  const bob = new Client('4.8.4');
  await bob.login('bob');
});

it('survives clients that end in the middle of everything', async () => {
  const open = Array.from({ length: 20 }, (_, index) => new Client(versions[index % 3] ?? '4.8.4'));
  for (const client of open) void client.login('x').catch(() => undefined);
  await Promise.all(open.slice(0, 10).map((client) => connected(client)));
  for (const client of open) client.socket.disconnect();
  const bob = new Client('4.8.4');
  await bob.login('bob');
  expect(running.lines.filter((line) => line.includes('"error"'))).toEqual([]);
});
