// Owns the proof that the processes of a cluster are one server: two edges on one Redis, media workers of two regions, and
// calls that go on when one of them dies.
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { ManagementClient } from '../../deploy/rest/management-client.ts';
import type { Notice } from '../../schemas/notice.ts';
import { inTime, receive, send } from '../support/call.ts';
import { type EdgeMember, TestCluster, type WorkerMember } from '../support/cluster.ts';
import { SignalClient } from '../support/signal-client.ts';

let cluster: TestCluster;
let west: EdgeMember;
let east: EdgeMember;
let westWorkers: WorkerMember;
let operator: ManagementClient;
let tenant: ManagementClient;

const region = (name: string, isp: string) => `[cluster]\nregions = ["${name}"]\nisps = ["${isp}"]`;

beforeAll(async () => {
  cluster = await TestCluster.start();
  // One after the other: the first makes the services.
  west = await cluster.edge({ config: region('west', 'alpha') });
  east = await cluster.edge({ config: region('east', 'beta') });
  const one = ['--processes', '1'];
  [westWorkers] = await Promise.all([
    cluster.workers({ config: region('west', 'alpha'), args: one }),
    cluster.workers({ config: region('east', 'beta'), args: one }),
  ]);
  // Keys are told once, by the edge that made them.
  operator = new ManagementClient(east.url, { service: west.super.id, key: west.super.key });
  tenant = new ManagementClient(east.url, { service: west.sample.id, key: west.sample.key });
  await known('webrtc', 2);
}, 90_000);
afterAll(() => cluster.stop());

interface Node {
  readonly id: string;
  readonly purposes: readonly string[];
  readonly capacity: object;
}

/** The processes of one purpose, as the management interface tells. */
async function nodes(purpose: string): Promise<readonly Node[]> {
  const { body } = await operator.ask('GET', '/cluster/nodes');
  return (body as Node[]).filter(({ purposes }) => purposes.includes(purpose));
}

async function known(purpose: string, count: number): Promise<void> {
  const look = async () => expect(await nodes(purpose)).toHaveLength(count);
  await vi.waitFor(look, { timeout: 30_000, interval: 200 });
}

async function newRoom(): Promise<string> {
  const { body } = await tenant.ask('POST', '/v1/rooms', { name: 'somewhere' });
  return (body as { readonly _id: string })._id;
}

const places = { west: { isp: 'alpha', region: 'west' }, east: { isp: 'beta', region: 'east' } };

/** A token for a client of that place, and the address it names. */
async function tokenOf(room: string, user: string, place: keyof typeof places) {
  const body = { user, role: 'presenter', preference: places[place] };
  const token = String((await tenant.ask('POST', `/v1/rooms/${room}/tokens`, body)).body);
  const { host } = JSON.parse(Buffer.from(token, 'base64').toString()) as { readonly host: string };
  return { token, url: `http://${host}` };
}

/** Joins where the token says. */
async function join(room: string, user: string, place: keyof typeof places): Promise<SignalClient> {
  const { token, url } = await tokenOf(room, user, place);
  return SignalClient.join(url, token);
}

const texts = (notices: readonly Notice[]) =>
  notices.flatMap((notice) => (notice.type === 'text' ? [notice.message] : []));

it('cluster#15 tokens pinned to ISP and region lead to the edge and the worker there, and all are in one room', async () => {
  const room = await newRoom();
  expect((await tokenOf(room, 'nobody', 'west')).url).toBe(west.url);
  expect((await tokenOf(room, 'nobody', 'east')).url).toBe(east.url);
  const speaker = await join(room, 'speaker', 'west');
  const listener = await join(room, 'listener', 'east');
  expect(listener.joined?.room.participants.map(({ user }) => user)).toEqual(['speaker', 'listener']);

  const sending = await send(speaker);
  const { id } = sending.session;
  await listener.notice((notice) => notice.type === 'stream-added' && notice.stream.id === id);
  const receiving = await receive(listener, id);
  await inTime(receiving.firstPacket);

  const { body } = await operator.ask('GET', '/cluster/rooms');
  const [seen] = (body as { id: string; edges: string[]; workers: string[] }[]).filter(
    (each) => each.id === room,
  );
  expect(seen?.edges).toHaveLength(2);
  // The stream crosses a link: its sender and its receiver are on workers of their own regions.
  expect(seen?.workers).toHaveLength(2);
  sending.close();
  receiving.close();
  await speaker.leave();
  await listener.notice((notice) => notice.type === 'participant-left');
  await listener.leave();
});

it('cluster#19 the death of an edge costs its clients a reconnection, and nothing of what was said or shown', async () => {
  const room = await newRoom();
  const doomed = await cluster.edge({ config: region('west', 'alpha') });
  await known('portal', 3);
  const mover = await SignalClient.join(doomed.url, (await tokenOf(room, 'mover', 'west')).token);
  const stayer = await join(room, 'stayer', 'east');
  const sending = await send(mover);
  const receiving = await receive(stayer, sending.session.id);
  await inTime(receiving.firstPacket);
  await stayer.ask({ do: 'text', request: { to: 'all', message: 'before' } });
  await mover.notice((notice) => notice.type === 'text');

  doomed.kill('SIGKILL');
  await mover.closed;
  const { packets } = receiving.receiver;
  await stayer.ask({ do: 'text', request: { to: 'all', message: 'meanwhile' } });
  await mover.resume(west.url);
  await stayer.ask({ do: 'text', request: { to: 'all', message: 'after' } });
  await mover.notice((notice) => notice.type === 'text' && notice.message === 'after');
  expect(texts(mover.notices)).toEqual(['before', 'meanwhile', 'after']);
  await vi.waitFor(() => expect(receiving.receiver.packets).toBeGreaterThan(packets + 100), {
    timeout: 10_000,
  });
  const endings = ['participant-left', 'stream-removed', 'session-ended'];
  expect([...stayer.notices, ...mover.notices].filter(({ type }) => endings.includes(type))).toEqual([]);
  sending.close();
  receiving.close();
  await mover.leave();
  await stayer.notice((notice) => notice.type === 'participant-left');
  await stayer.leave();
});

it('cluster#19 F6: the death of a media worker is told, and what was on it comes back on the next one', async () => {
  const room = await newRoom();
  const speaker = await join(room, 'speaker', 'west');
  const listener = await join(room, 'listener', 'east');
  const before = await send(speaker);
  const { id } = before.session;
  await receive(listener, id).then(async (receiving) => {
    await inTime(receiving.firstPacket);
    await westWorkers.killWorker();
    await speaker.notice((notice) => notice.type === 'session-ended' && notice.session === id);
    await listener.notice((notice) => notice.type === 'stream-removed' && notice.stream === id);
    receiving.close();
  });
  before.close();
  const after = await vi.waitFor(() => send(speaker), { timeout: 20_000, interval: 200 });
  const receiving = await receive(listener, after.session.id);
  await inTime(receiving.firstPacket);
  after.close();
  receiving.close();
  await speaker.leave();
  await listener.leave();
});
