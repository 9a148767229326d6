// Owns the proof that an edge on Deno is an edge like those on Node: one of each in a cluster, with the clients of both
// protocols and their media between them, and the death of either.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { get } from 'node:https';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { WebSocket } from 'ws';
import { ManagementClient } from '../../deploy/rest/management-client.ts';
import type { ParentMessage } from '../../deploy/process/parent-message.ts';
import { signalSubprotocol } from '../../schemas/signal.ts';
import { inTime, receive, send } from '../support/call.ts';
import { type EdgeMember, TestCluster } from '../support/cluster.ts';
import { ioVersions, OwtClient, owtRest } from '../support/owt-client.ts';
import { SignalClient } from '../support/signal-client.ts';

type Runtime = 'node' | 'deno';

let cluster: TestCluster;
const edges = new Map<Runtime, EdgeMember>();
let operator: ManagementClient;
/** Keys are told once, by the edge that made them. */
let credentials: { readonly id: string; readonly key: string };

const root = resolve(import.meta.dirname, '../..');
/** HTTPS beside HTTP. */
const secure = { SLUICE_HTTPS: 'on', SLUICE_HTTPS_HOST: '127.0.0.1', SLUICE_HTTPS_PORT: '0' };

function edge(runtime: Runtime): EdgeMember {
  const member = edges.get(runtime);
  if (member === undefined) throw new Error(`no edge on ${runtime}`);
  return member;
}

async function startEdge(runtime: Runtime): Promise<EdgeMember> {
  const member = await cluster.edge({ runtime, ...(runtime === 'deno' && { env: secure }) });
  edges.set(runtime, member);
  return member;
}

beforeAll(async () => {
  cluster = await TestCluster.start();
  const { super: whole, sample } = await startEdge('deno');
  await startEdge('node');
  await cluster.workers({ args: ['--processes', '1'] });
  credentials = sample;
  operator = new ManagementClient(edge('node').url, { service: whole.id, key: whole.key });
  await known('webrtc', 1);
}, 90_000);
afterAll(() => cluster.stop());

async function known(purpose: string, count: number): Promise<void> {
  const look = async () => {
    const { body } = await operator.ask('GET', '/cluster/nodes');
    const nodes = body as readonly { readonly purposes: readonly string[] }[];
    expect(nodes.filter(({ purposes }) => purposes.includes(purpose))).toHaveLength(count);
  };
  await vi.waitFor(look, { timeout: 30_000, interval: 200 });
}

const rest = (runtime: Runtime, method: string, path: string, body?: unknown) =>
  owtRest(edge(runtime).url, credentials, method, path, body);

async function newRoom(): Promise<string> {
  const { text } = await rest('deno', 'POST', '/rooms', { name: 'of two runtimes' });
  return (JSON.parse(text) as { readonly _id: string })._id;
}

async function token(room: string, user: string): Promise<string> {
  const body = { user, role: 'presenter', preference: { isp: '', region: '' } };
  return (await rest('node', 'POST', `/rooms/${room}/tokens`, body)).text;
}

const joinAt = async (runtime: Runtime, room: string, user: string) =>
  SignalClient.join(edge(runtime).url, await token(room, user));

const texts = (client: SignalClient) =>
  client.notices.flatMap((notice) => (notice.type === 'text' ? [notice.message] : []));

it('REST with MAuth: what is made at the edge on Deno is there at the one on Node, and a wrong key is refused', async () => {
  const room = await newRoom();
  for (const runtime of ['deno', 'node'] as const) {
    const { status, text } = await rest(runtime, 'GET', `/rooms/${room}`);
    expect([status, JSON.parse(text)]).toMatchObject([200, { name: 'of two runtimes' }]);
  }
  const wrong = { ...credentials, key: 'another' };
  expect((await owtRest(edge('deno').url, wrong, 'GET', '/rooms')).status).toBe(401);
});

it('HTTPS on Deno serves REST, /signal and /socket.io/ alike', async () => {
  const { httpsUrl = '' } = edge('deno');
  const asked = async (path: string) => {
    const request = get(`${httpsUrl}${path}`, { rejectUnauthorized: false, agent: false });
    const [response] = (await once(request, 'response')) as [{ statusCode: number; resume(): void }];
    response.resume();
    return response.statusCode;
  };
  expect(await asked('/healthz')).toBe(200);
  expect(await asked('/v1/rooms')).toBe(401);
  expect(await asked('/socket.io/?EIO=4&transport=polling')).toBe(200);
  const socket = new WebSocket(`${httpsUrl.replace('https', 'wss')}/signal`, signalSubprotocol, {
    rejectUnauthorized: false,
  });
  await once(socket, 'open');
  socket.terminate();
});

it.each(ioVersions)(
  'Socket.IO %s on Deno and our protocol on Node are in one room, and media goes both ways',
  async (version) => {
    const room = await newRoom();
    const owt = await OwtClient.join(version, await token(room, 'owt'), edge('deno').url);
    const own = await joinAt('node', room, 'own');
    expect(own.joined?.room.participants.map(({ user }) => user)).toEqual(['owt', 'own']);

    const receiving = await receive(own, await owt.publish());
    await inTime(receiving.firstPacket);
    const sending = await send(own);
    await owt.notification('stream', ({ id, status }) => id === sending.session.id && status === 'add');
    await owt.subscribe(sending.session.id);

    await own.ask({ do: 'text', request: { to: 'all', message: 'hello' } });
    await owt.notification('text', ({ message }) => message === 'hello');
    await owt.ask('text', { to: 'all', message: 'hello yourself' });
    await own.notice((notice) => notice.type === 'text' && notice.message === 'hello yourself');
    receiving.close();
    sending.close();
    await owt.ask('logout');
    await own.notice((notice) => notice.type === 'participant-left');
    owt.close();
    await own.leave();
  },
);

it.each([
  ['deno', 'node'],
  ['node', 'deno'],
] as const)(
  'cluster#19 the edge on %s is killed: its client goes on at the one on %s, and nothing is lost',
  async (doomed, other) => {
    const room = await newRoom();
    const mover = await joinAt(doomed, room, 'mover');
    const stayer = await joinAt(other, room, 'stayer');
    const sending = await send(mover);
    const receiving = await receive(stayer, sending.session.id);
    await inTime(receiving.firstPacket);
    await stayer.ask({ do: 'text', request: { to: 'all', message: 'before' } });
    await mover.notice((notice) => notice.type === 'text');

    edge(doomed).kill('SIGKILL');
    await mover.closed;
    const { packets } = receiving.receiver;
    await stayer.ask({ do: 'text', request: { to: 'all', message: 'meanwhile' } });
    await mover.resume(edge(other).url);
    await stayer.ask({ do: 'text', request: { to: 'all', message: 'after' } });
    await mover.notice((notice) => notice.type === 'text' && notice.message === 'after');
    expect(texts(mover)).toEqual(['before', 'meanwhile', 'after']);
    await vi.waitFor(() => expect(receiving.receiver.packets).toBeGreaterThan(packets + 100), {
      timeout: 10_000,
    });
    const endings = ['participant-left', 'stream-removed', 'session-ended'];
    expect([...stayer.notices, ...mover.notices].filter(({ type }) => endings.includes(type))).toEqual([]);
    sending.close();
    receiving.close();
    await mover.leave();
    await stayer.leave();
    await startEdge(doomed);
  },
);

it('npm run edge:deno passes a signal on: the clients go on elsewhere, and it ends with 0', async () => {
  const child = fork(join(root, 'build/server/edge-deno.js'), [], {
    cwd: root,
    env: {
      ...process.env,
      REDIS_URL: cluster.redis.url,
      ...{ SLUICE_HOST: '127.0.0.1', SLUICE_PORT: '0', SLUICE_HTTPS: 'off' },
    },
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const [ready] = (await once(child, 'message')) as [ParentMessage];
  if (ready.type !== 'ready') throw new Error(`not ready but ${ready.type}`);
  const room = await newRoom();
  const member = await SignalClient.join(ready.url, await token(room, 'member'));
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  await member.closed;
  await member.resume(edge('node').url);
  await member.ask({ do: 'text', request: { to: 'all', message: 'still here' } });
  await member.leave();
  expect(await ended).toEqual([0, null]);
});
