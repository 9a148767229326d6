import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ioClients, startScriptedServer, type IoClient, type ScriptedServer } from './scripted-server.ts';

let here: ScriptedServer;
let there: ScriptedServer;
const clients: IoClient[] = [];
beforeEach(async () => {
  here = await startScriptedServer();
  there = await here.beside('e2');
});
afterEach(async () => {
  for (const client of clients.splice(0)) client.disconnect();
  await there.close();
  await here.close();
});

type Version = keyof typeof ioClients;

function connect(version: Version, url: string, transport: string): IoClient & { readonly texts: string[] } {
  const texts: string[] = [];
  const socket = ioClients[version](url, { forceNew: true, reconnection: false, transports: [transport] });
  socket.on('text', ({ message }: { message: string }) => void texts.push(message));
  clients.push(socket);
  return Object.assign(socket, { texts });
}

const ask = (socket: IoClient, event: string, ...data: unknown[]) =>
  new Promise<unknown[]>((resolve) => socket.emit(event, ...data, (...args: unknown[]) => resolve(args)));

async function login(socket: IoClient, user: string): Promise<{ id: string; ticket: string }> {
  const [status, data] = await ask(socket, 'login', {
    token: await here.token(user),
    userAgent: { sdk: { type: 'JavaScript', version: '5.1' } },
    protocol: '1.2',
  });
  if (status !== 'ok') throw new Error(String(data));
  const { id, reconnectionTicket: ticket } = data as { id: string; reconnectionTicket: string };
  return { id, ticket };
}

/** What reached a client is known as such once it was heard of again. */
const confirmed = (socket: IoClient) => ask(socket, 'refreshReconnectionTicket');

async function seen(condition: () => boolean, what: string): Promise<void> {
  const deadline = performance.now() + 20_000;
  while (!condition()) {
    if (performance.now() > deadline) throw new Error(`not seen in time: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

describe.each(Object.keys(ioClients) as Version[])('socket.io client %s', (version) => {
  it.each(['websocket', 'polling'])(
    'portal-protocol#11 moves between edges over %s, there and back, and hears everything once',
    async (transport) => {
      const bob = connect('4.8.4', there.url, 'websocket');
      const ann = connect(version, here.url, transport);
      const { id, ticket } = await login(ann, 'ann');
      await login(bob, 'bob');
      const left: unknown[] = [];
      bob.on('participant', (data: never) => void left.push(data));
      const say = (message: string) => ask(bob, 'text', { to: id, message });
      await say('one');
      await seen(() => ann.texts.length === 1, 'the first');
      await confirmed(ann);
      ann.disconnect();
      // What arrives before the break would count as heard.
      await seen(() => here.portal.counts.connections === 0, 'the break');
      await say('two');
      const second = connect(version, there.url, transport);
      const relogin = ask(second, 'relogin', ticket);
      await say('three');
      const [status, next] = await relogin;
      expect([status, typeof next]).toEqual(['ok', 'string']);
      await say('four');
      await seen(() => second.texts.length >= 3, 'three more');
      await confirmed(second);
      // Its socket stays open while it goes on at the first edge: this one lets go of it.
      const ended = new Promise((resolve) => second.on('disconnect', resolve));
      const third = connect(version, here.url, transport);
      expect((await ask(third, 'relogin', next))[0]).toBe('ok');
      await ended;
      await say('five');
      await seen(() => third.texts.length >= 1, 'the last');
      expect([...ann.texts, ...second.texts, ...third.texts]).toEqual([
        'one',
        'two',
        'three',
        'four',
        'five',
      ]);
      expect(await ask(third, 'text', { to: 'all', message: 'six' })).toEqual(['ok']);
      await seen(() => bob.texts.includes('six'), 'an answer');
      expect(left).toEqual([]);
      expect([here.portal.counts.sessions, there.portal.counts.sessions]).toEqual([1, 1]);
      expect(await ask(third, 'logout')).toEqual(['ok']);
      await seen(() => left.length > 0, 'the leave');
      expect(left).toEqual([{ action: 'leave', data: id }]);
    },
  );
});
