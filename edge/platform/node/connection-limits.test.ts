import { afterEach, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { signalSubprotocol } from '../../../schemas/signal.ts';
import { ioClients, startScriptedServer, type IoClient, type ScriptedServer } from './scripted-server.ts';
import { owtSpeaker, signalSpeaker, type Speaker } from './scripted-speaker.ts';

let running: ScriptedServer | undefined;
const open: { end(): void }[] = [];
afterEach(async () => {
  for (const each of open.splice(0)) each.end();
  await running?.close();
});

async function start(settings: object): Promise<ScriptedServer> {
  running = await startScriptedServer({ settings });
  return running;
}

async function connected(connect: (url: string) => Promise<Speaker>): Promise<Speaker> {
  const speaker = await connect(running?.url ?? '');
  open.push(speaker);
  return speaker;
}

/** Whether a Socket.IO client is let in. */
async function ioAdmitted(transport: 'polling' | 'websocket'): Promise<boolean> {
  const socket: IoClient = ioClients['4.8.4'](running?.url ?? '', {
    forceNew: true,
    reconnection: false,
    transports: [transport],
  });
  open.push({ end: () => void socket.disconnect() });
  return new Promise((resolve) => {
    socket.once('connect', () => resolve(true));
    socket.once('connect_error', () => resolve(false));
  });
}

async function signalAnswer(): Promise<number> {
  const socket = new WebSocket(`${running?.url.replace('http', 'ws') ?? ''}/signal`, signalSubprotocol);
  open.push({ end: () => socket.close() });
  return new Promise((resolve) => {
    socket.once('open', () => resolve(101));
    socket.on('error', () => undefined);
    socket.once('unexpected-response', (_, response) => resolve(response.statusCode ?? 0));
  });
}

it('an address with too many connections that wait is turned away until one of them joins or goes', async () => {
  const { portal, token } = await start({ maxWaitingPerAddress: 2 });
  const [one, two] = [await connected(owtSpeaker), await connected(signalSpeaker)];
  expect([await ioAdmitted('polling'), await ioAdmitted('websocket'), await signalAnswer()]).toEqual([
    false,
    false,
    503,
  ]);
  expect((await one.login(await token())).ok).toBe(true);
  expect(await ioAdmitted('websocket')).toBe(true);
  expect(await signalAnswer()).toBe(503);
  two.end();
  while (!portal.admits('127.0.0.1')) await new Promise((resolve) => setTimeout(resolve, 2));
  expect(await signalAnswer()).toBe(101);
  // Who logged out waits again.
  await one.ask('logout');
  expect(await ioAdmitted('polling')).toBe(false);
});

it('connections are bounded altogether, joined or not', async () => {
  const { token } = await start({ maxConnections: 1 });
  const one = await connected(owtSpeaker);
  await one.login(await token());
  expect([await ioAdmitted('polling'), await signalAnswer()]).toEqual([false, 503]);
});
