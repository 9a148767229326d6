// Owns the proof that regions with a Redis of their own are one cluster: rooms live in the Redis of the region that made
// them, edges and workers of both regions serve them, and one Redis that dies costs the rooms of the other nothing.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import * as v from 'valibot';
import { ManagementClient } from '../../deploy/rest/management-client.ts';
import { nodeClock } from '../../edge/platform/node/clock.ts';
import { nodeRandom } from '../../edge/platform/node/random.ts';
import { createRedisPorts } from '../../edge/platform/redis/ports.ts';
import { startRelay } from '../../edge/platform/redis/relay/relay.ts';
import { type ScriptedRedis, startRedis } from '../../edge/platform/redis/scripted-redis.ts';
import { clusterNodeSchema, liveRoomSchema } from '../../schemas/cluster.ts';
import type { Notice } from '../../schemas/notice.ts';
import { inTime, receive, send } from '../support/call.ts';
import { type EdgeMember, TestCluster } from '../support/cluster.ts';
import { SignalClient } from '../support/signal-client.ts';
import { config, edgeOf, type PlaceName, places } from '../support/two-regions.ts';

const log = { info: () => undefined, warn: () => undefined, error: () => undefined };

let cluster: TestCluster;
let folder: string;
/** Of the east; that of the west is the cluster's, with the directory. */
let easternRedis: ScriptedRedis;
/** Those of each region, to the Redis of the other. */
let relays: Readonly<Record<PlaceName, Awaited<ReturnType<typeof relayTo>>>>;
let edges: Readonly<Record<PlaceName, EdgeMember>>;
let operator: ManagementClient;
let tenants: Readonly<Record<PlaceName, ManagementClient>>;

/** Everything is on disk before it is answered. */
const durable = () => ['--dir', folder, '--appendonly', 'yes', '--appendfsync', 'always'];

/** The other region's Redis is reached through the relay of one's own. */
function options(place: PlaceName) {
  const own = { west: cluster.redis.url, east: easternRedis.url };
  // The relay of the east leads to the west, and the other way round.
  const away = { west: relays.east.url, east: relays.west.url };
  const urlOf = (name: PlaceName) => (name === place ? own : away)[name];
  const homes = (['west', 'east'] as const).map((name) => `[homes.${name}]\nurl = "${urlOf(name)}"`);
  const jobs = `[redis]\njobs_url = "${own.west}"`;
  return { config: [config(place), `home = "${place}"`, jobs, ...homes].join('\n'), redisUrl: urlOf('west') };
}

async function relayTo(to: string) {
  const relay = await startRelay({ to, host: '127.0.0.1', port: 0, password: '', clock: nodeClock, log });
  return { url: `redis://127.0.0.1:${relay.port}`, close: () => relay.close() };
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sluice-homes-'));
  [cluster, easternRedis] = await Promise.all([TestCluster.start(), startRedis(durable())]);
  relays = { west: await relayTo(easternRedis.url), east: await relayTo(cluster.redis.url) };
  // One after the other: the first makes the services.
  const west = await cluster.edge(options('west'));
  edges = { west, east: await cluster.edge(options('east')) };
  const args = ['--processes', '1'];
  await Promise.all((['west', 'east'] as const).map((place) => cluster.workers({ ...options(place), args })));
  operator = new ManagementClient(west.url, { service: west.super.id, key: west.super.key });
  const tenant = ({ url }: EdgeMember) =>
    new ManagementClient(url, { service: west.sample.id, key: west.sample.key });
  tenants = { west: tenant(west), east: tenant(edges.east) };
  const known = async () => {
    const nodes = v.parse(v.array(clusterNodeSchema), (await operator.ask('GET', '/cluster/nodes')).body);
    expect(nodes.filter(({ state, load }) => state === 'ready' && Object.keys(load).length > 0)).toHaveLength(
      4,
    );
  };
  await vi.waitFor(known, { timeout: 30_000, interval: 200 });
}, 90_000);
afterAll(async () => {
  await cluster.stop();
  await Promise.all([relays.west.close(), relays.east.close()]);
  await easternRedis.kill();
  await rm(folder, { recursive: true, force: true });
});

/** Made at the edge of that place. */
async function newRoom(place: PlaceName): Promise<string> {
  const { body } = await tenants[place].ask('POST', '/v1/rooms', { name: `of the ${place}` });
  return v.parse(v.object({ _id: v.string() }), body)._id;
}

async function tokenOf(room: string, user: string, place: PlaceName): Promise<string> {
  const body = { user, role: 'presenter', preference: places[place] };
  return String((await tenants.west.ask('POST', `/v1/rooms/${room}/tokens`, body)).body);
}

/** Joins at the edge of a place. */
async function enter(room: string, user: string, place: PlaceName): Promise<SignalClient> {
  const token = await tokenOf(room, user, place);
  expect(edgeOf(token)).toBe(edges[place].url);
  return SignalClient.join(edges[place].url, token);
}

const say = (client: SignalClient, message: string) =>
  client.ask({ do: 'text', request: { to: 'all', message } });
const hears = (client: SignalClient, message: string) =>
  client.notice((notice) => notice.type === 'text' && notice.message === message);
const texts = (notices: readonly Notice[]) =>
  notices.flatMap((notice) => (notice.type === 'text' ? [notice.message] : []));

/** Media from one to the other, over the workers of both places. */
async function call(from: SignalClient, to: SignalClient) {
  const sending = await send(from);
  const { id } = sending.session;
  await to.notice((notice) => notice.type === 'stream-added' && notice.stream.id === id);
  const receiving = await receive(to, id);
  await inTime(receiving.firstPacket);
  return {
    receiving,
    /** Resolves when more has come. */
    flows: async () => {
      const { packets } = receiving.receiver;
      const more = () => expect(receiving.receiver.packets).toBeGreaterThan(packets + 50);
      await vi.waitFor(more, { timeout: 10_000, interval: 20 });
    },
    close: () => {
      sending.close();
      receiving.close();
    },
  };
}

/** Whether the servers have anything of a room but its entry in the directory. */
async function keptIn(room: string): Promise<readonly PlaceName[]> {
  const servers = { west: cluster.redis, east: easternRedis };
  const has = await Promise.all(
    (['west', 'east'] as const).map(async (place) => {
      const keys = await servers[place].admin.keys(`*${room}*`);
      return keys.length > 0 ? [place] : [];
    }),
  );
  return has.flat();
}

it('everybody is known in every home', async () => {
  const urls = { rooms: easternRedis.url };
  const ports = createRedisPorts({ urls, clock: nodeClock, random: nodeRandom, log });
  const ids = async () => (await ports.registry.alive()).map(({ worker }) => worker).sort();
  const nodes = v.parse(v.array(clusterNodeSchema), (await operator.ask('GET', '/cluster/nodes')).body);
  const all = nodes.map(({ id }) => id).sort();
  await vi.waitFor(async () => expect(await ids()).toEqual(all), { timeout: 10_000, interval: 100 });
  await ports.close();
});

it('a room lives in the Redis of the region that made it, and edges and workers of both serve it', async () => {
  for (const place of ['west', 'east'] as const) {
    const room = await newRoom(place);
    const ann = await enter(room, 'ann', 'west');
    const bob = await enter(room, 'bob', 'east');
    const media = await call(ann, bob);
    const back = await call(bob, ann);
    await say(ann, 'hello');
    await hears(bob, 'hello');
    expect(await keptIn(room)).toEqual([place]);
    const rooms = v.parse(v.array(liveRoomSchema), (await operator.ask('GET', '/cluster/rooms')).body);
    const seen = rooms.find(({ id }) => id === room);
    expect(seen).toMatchObject({ home: place, participants: 2, streams: 2 });
    expect([seen?.edges.length, seen?.workers.length]).toEqual([2, 2]);
    media.close();
    back.close();
    await ann.leave();
    await bob.leave();
  }
});

it('a home that dies keeps its rooms waiting while their media goes on, and costs the other rooms nothing', async () => {
  const [here, there] = [await newRoom('west'), await newRoom('east')];
  const ann = { here: await enter(here, 'ann', 'west'), there: await enter(there, 'ann', 'west') };
  const bob = { here: await enter(here, 'bob', 'east'), there: await enter(there, 'bob', 'east') };
  const before = await call(ann.there, bob.there);
  await easternRedis.kill();

  await expect(say(ann.there, 'lost')).rejects.toThrow();
  await say(ann.here, 'goes on');
  await hears(bob.here, 'goes on');
  const meanwhile = await call(bob.here, ann.here);
  const cid = await enter(here, 'cid', 'east');
  await say(cid, 'just came');
  await hears(ann.here, 'just came');
  await expect(enter(there, 'dan', 'east')).rejects.toThrow();
  await before.flows();
  await meanwhile.flows();
  const eve = await tokenOf(here, 'eve', 'east');
  const late = await cluster.edge(options('west'));
  const guest = await SignalClient.join(late.url, eve);
  await say(guest, 'at an edge that has just begun');
  await hears(ann.here, 'at an edge that has just begun');
  await guest.leave();
  await late.stop();

  easternRedis = await startRedis(durable(), easternRedis.port);
  await vi.waitFor(() => say(ann.there, 'back'), { timeout: 20_000, interval: 200 });
  await hears(bob.there, 'back');
  // Each process finds the way back by itself, some a moment later than others.
  const after = await vi.waitFor(() => call(bob.there, ann.there), { timeout: 20_000, interval: 200 });
  await before.flows();
  await meanwhile.flows();
  const ended = ['participant-left', 'stream-removed', 'session-ended', 'room-closed'];
  const told = [ann.here, bob.here, ann.there, bob.there].flatMap(({ notices }) => notices);
  const passerby = guest.joined?.participant.id;
  const endings = told.filter(({ type }) => ended.includes(type));
  expect(endings.filter((each) => !('participant' in each) || each.participant !== passerby)).toEqual([]);
  for (const media of [before, meanwhile, after]) media.close();
  for (const client of [ann.here, bob.here, cid, ann.there, bob.there]) await client.leave();
});

it('who is in a room of another home, or has a token for one that is open, does not notice that the directory is away', async () => {
  const room = await newRoom('east');
  const [ann, bob] = [await enter(room, 'ann', 'west'), await enter(room, 'bob', 'east')];
  const token = await tokenOf(room, 'cid', 'west');
  const { back } = await cluster.killRedis();
  await say(ann, 'goes on');
  await hears(bob, 'goes on');
  const media = await call(bob, ann);
  const cid = await SignalClient.join(edges.west.url, token);
  await say(cid, 'just came');
  await hears(bob, 'just came');
  await back('its data');
  media.close();
  await cid.leave();
  await ann.leave();
  await bob.leave();
});

it('the death of the only edge of a home costs its clients a reconnection to another, and nothing else', async () => {
  const room = await newRoom('east');
  const [ann, bob] = [await enter(room, 'ann', 'west'), await enter(room, 'bob', 'east')];
  const media = await call(bob, ann);
  await say(ann, 'before');
  await hears(bob, 'before');
  edges.east.kill('SIGKILL');
  await bob.closed;
  await say(ann, 'meanwhile');
  await bob.resume(edges.west.url);
  await say(ann, 'after');
  await hears(bob, 'after');
  expect(texts(bob.notices)).toEqual(['before', 'meanwhile', 'after']);
  await media.flows();
  const again = await call(ann, bob);
  expect(await keptIn(room)).toEqual(['east']);
  media.close();
  again.close();
});
