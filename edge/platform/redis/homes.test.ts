// Owns the tests of homes on two Redis servers: which keys are where, and what one server does to the rooms of the other.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { RoomDocument } from '../../../schemas/room.ts';
import type { LiveRoom, Rooms } from '../../rooms/live-room.ts';
import { createRooms } from '../../rooms/rooms.ts';
import { roomDocument } from '../../store/conformance/room-document.ts';
import { createTokens, type Tokens } from '../../tokens/tokens.ts';
import { nodeClock as clock } from '../node/clock.ts';
import { createLog } from '../node/log.ts';
import { nodeRandom as random } from '../node/random.ts';
import { createRedisHomes } from './homes.ts';
import { insist, join as joins, say, until } from './scripted-edges.ts';
import { startRedis, type ScriptedRedis } from './scripted-redis.ts';

type Ports = ReturnType<typeof createRedisHomes>;
interface Edge {
  readonly ports: Ports;
  readonly rooms: Rooms;
  readonly tokens: Tokens;
}

const lines: string[] = [];
const log = createLog({ name: 'test', write: (line) => void lines.push(line) });
/** The directory is beside the rooms of the west. */
let west: ScriptedRedis;
let east: ScriptedRedis;
let folder: string;
let service: string;
let eastern: Edge;
let western: Edge;

/** Everything is on disk before it is answered. */
const durable = () => ['--dir', folder, '--appendonly', 'yes', '--appendfsync', 'always'];

async function edge(own: 'west' | 'east'): Promise<Edge> {
  const homes = { west: west.url, east: east.url };
  const ports = createRedisHomes({ urls: { rooms: west.url }, homes, own, clock, random, log });
  await ports.settled();
  const settings = { lostEdgeMs: 3_600_000 };
  const rooms = createRooms({ ports, clock, random, log, edge: `edge in the ${own}`, settings });
  return {
    ports,
    rooms,
    tokens: createTokens({ ...ports, clock, random, address: () => ({ host: 'h:1', secure: true }) }),
  };
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sluice-homes-'));
  [west, east] = await Promise.all([startRedis(), startRedis(durable())]);
  [western, eastern] = [await edge('west'), await edge('east')];
  service = (await western.ports.directory.createService({ _id: '', name: 's', key: 'k', encrypted: false }))
    ._id;
});
afterAll(async () => {
  for (const { rooms, ports } of [western, eastern]) {
    await rooms.close();
    await ports.close();
  }
  await Promise.all([west.kill(), east.kill()]);
  await rm(folder, { recursive: true, force: true });
});

const newRoom = ({ ports }: Edge, name: string): Promise<RoomDocument> =>
  ports.directory.createRoom(service, roomDocument(name));

const keysOf = async (redis: ScriptedRedis, room: string) =>
  (await redis.admin.keys('*'))
    .filter((key) => key.includes(room))
    .map((key) => key.replace(room, 'ROOM').replace(/[0-9a-f]{24,}$/, 'ID'))
    .sort();

const texts = (room: LiveRoom) => {
  const heard: string[] = [];
  room.listen(({ notices }) => {
    for (const { notice } of notices) if (notice.type === 'text') heard.push(notice.message);
  });
  return heard;
};

it('are told apart where the ways to Redis are watched', () => {
  expect([...western.ports.stores.keys()]).toEqual(['rooms', 'home.east']);
});

it('of a room all is in its home, but for its entry in the directory', async () => {
  const { _id: room } = await newRoom(eastern, 'east');
  expect(await western.ports.directory.room(room)).toMatchObject({ home: 'east' });
  const live = await western.rooms.open(room);
  const origin = { isp: '', region: '' };
  const token = await western.tokens.issue({ user: 'u', role: 'presenter', room, service, origin });
  await eastern.tokens.redeem(token);
  await expect(western.tokens.redeem(token)).rejects.toThrow('Invalid token');
  await live.execute(joins('p1', 'edge in the west'));
  await until(async () => (await keysOf(east, room)).length === 7);
  expect(await keysOf(east, room)).toEqual([
    'sluice:lease:{room.ROOM}',
    'sluice:lease:{room.ROOM}:token',
    expect.stringMatching(/^sluice:once:\d+:token\.ROOM:/),
    'sluice:serve:{room.ROOM.commands}',
    'sluice:serve:{room.ROOM.reports}',
    'sluice:{ROOM}:head',
    'sluice:{ROOM}:log',
  ]);
  expect(await keysOf(west, room)).toEqual([]);
});

it('a home that dies keeps its rooms waiting, and is taken up again; rooms of the others never notice', async () => {
  const [there, here] = [await newRoom(eastern, 'there'), await newRoom(western, 'here')];
  const inEast = await western.rooms.open(there._id);
  const inWest = await western.rooms.open(here._id);
  await insist(() => inEast.execute(joins('p1', 'edge in the west')));
  await insist(() => inWest.execute(joins('p1', 'edge in the west')));
  const heard = texts(await eastern.rooms.open(there._id));
  const { port } = east;
  await east.kill();
  await expect(inEast.execute(say('p1', 'lost'))).rejects.toMatchObject({ code: 'unavailable' });
  await inWest.execute(say('p1', 'goes on'));
  await expect(eastern.rooms.open((await newRoom(eastern, 'new'))._id)).rejects.toMatchObject({
    code: 'unavailable',
  });
  expect((await eastern.rooms.open((await newRoom(western, 'new'))._id)).home).toBe('west');
  expect(lines.find((line) => line.includes('redis is away'))).toContain('east');

  east = await startRedis(durable(), port);
  await insist(() => inEast.execute(say('p1', 'back')));
  await until(() => heard.includes('back'));
  expect(heard).toEqual(['back']);
});
