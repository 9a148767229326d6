// Owns the tests of rooms that live in several homes: what of a room is where, and what one home does to the others.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { channels } from '../../schemas/bus.ts';
import { SluiceError } from '../../schemas/error.ts';
import { createHomes } from '../cluster/homes.ts';
import { watchWorkers } from '../cluster/worker-watch.ts';
import { createMemoryPorts } from '../platform/memory/ports.ts';
import { createLog } from '../platform/node/log.ts';
import { nodeRandom } from '../platform/node/random.ts';
import { roomDocument } from '../store/conformance/room-document.ts';
import type { HomePorts, Homes } from '../store/homes.ts';
import type { Ports } from '../store/ports.ts';
import type { Rooms } from './live-room.ts';
import { roomLease } from './room-lease.ts';
import { createScene, done, hear, join, publish, say, type Scene } from './scripted-scene.ts';
import { createScriptedWorker, type ScriptedWorker } from './scripted-worker.ts';

const names = ['west', 'east'] as const;
type Name = (typeof names)[number];

let scene: Scene;
let home: Record<Name, Ports>;
/** Rooms of each. */
let room: Record<Name, string>;
let homes: Homes;
let e1: Rooms;
let e2: Rooms;
let worker: ScriptedWorker;

/** The homes as one process sees them. */
function homesWith(over: Partial<Record<Name, Partial<HomePorts>>> = {}): Homes {
  return createHomes(
    scene.ports,
    new Map(names.map((name) => [name, { ...home[name], ...over[name] }] as const)),
  );
}

beforeEach(async () => {
  scene = await createScene();
  const { clock, ports } = scene;
  const make = () => createMemoryPorts({ clock, random: nodeRandom });
  home = { west: await make(), east: await make() };
  homes = homesWith();
  const log = createLog({ name: 'test', write: (line) => void scene.lines.push(line) });
  for (const name of names) watchWorkers({ ...home[name], clock, log });
  // Who is announced is so in every home.
  ports.bus.subscribe(channels.workers, (message) => {
    for (const name of names) home[name].bus.publish(channels.workers, message);
  });
  const service = (await ports.directory.room(scene.room))?.service ?? '';
  const newRoom = async (name: Name) =>
    (await ports.directory.createRoom(service, roomDocument(name), name))._id;
  room = { west: await newRoom('west'), east: await newRoom('east') };
  worker = createScriptedWorker(homes.bus, 'w1');
  clock.every(1000, () => worker.announce());
  worker.announce();
  e1 = scene.edge('e1', { ports: { homes } });
  e2 = scene.edge('e2', { ports: { homes } });
  await scene.rest();
});
afterEach(() => scene.close());

/** Of the stores, which have something of the room: entries in a log, somebody who conducts it. */
async function places(id: string): Promise<string[]> {
  const stores = Object.entries({ main: scene.ports, ...home });
  const found = await Promise.all(
    stores.map(async ([name, { log, lease }]) => {
      const { seq } = await log.read(id, 0, 1);
      return [
        ...(seq > 0 ? [`log in ${name}`] : []),
        ...((await lease.holder(roomLease(id))) === undefined ? [] : [`lease in ${name}`]),
      ];
    }),
  );
  return found.flat();
}

describe('a room with a home', () => {
  it('has its log and its conductor there and nowhere else', async () => {
    const live = await e1.open(room.east);
    await done(live.execute(join('p1')));
    await (await e1.open(scene.room)).execute(join('p2'));
    await scene.rest();
    expect(live.home).toBe('east');
    expect(await places(room.east)).toEqual(['log in east', 'lease in east']);
    expect(await places(scene.room)).toEqual(['log in main', 'lease in main']);
  });

  it('has edges of all homes in it', async () => {
    const here = await e1.open(room.west);
    const heard = hear(here);
    await done(here.execute(join('p1', 'e1')));
    await scene.rest();
    const there = await e2.reach(room.west);
    if (there === undefined) throw new Error('it was not reached');
    await done(there.execute(join('p2', 'e2')));
    await done(there.execute(say('p2', 'from afar')));
    await scene.rest();
    expect(heard.notices().map(({ notice }) => notice)).toContainEqual(
      expect.objectContaining({ type: 'text', message: 'from afar' }),
    );
    expect(await e2.reach(room.east)).toBeUndefined();
  });

  it('tells its workers where to report, and they are heard there', async () => {
    const live = await e1.open(room.east);
    await done(live.execute(join('p1')));
    await done(live.execute(publish('p1', 's1')));
    await scene.rest();
    expect(worker.documents.at(-1)).toMatchObject({ room: room.east, home: 'east' });
    expect(live.state.streams.get('s1')?.phase).toBe('ready');
    expect(await home.east.registry.tasks('w1')).toHaveLength(1);
    expect(await scene.ports.registry.tasks('w1')).toEqual([]);
    const plain = await e1.open(scene.room);
    await done(plain.execute(join('p1')));
    await done(plain.execute(publish('p1', 's2')));
    await scene.rest();
    expect(worker.documents.at(-1)).not.toHaveProperty('home');
    expect(plain.state.streams.get('s2')?.phase).toBe('ready');
  });

  it('that is not known here is refused, and opens where it is', async () => {
    const stranger = scene.edge('e3', { ports: { homes: createHomes(scene.ports) } });
    await expect(stranger.open(room.west)).rejects.toMatchObject({
      code: 'unavailable',
      message: 'The room lives in west, which this server does not reach',
    });
    expect((await e1.open(room.west)).home).toBe('west');
  });

  it('is far for who is far from that home alone', async () => {
    const far = homesWith({ west: { far: () => true } });
    const e3 = scene.edge('e3', { ports: { homes: far } });
    for (const edge of [e3, e1]) for (const name of names) await edge.open(room[name]);
    await scene.clock.advance(1000);
    expect(await home.west.lease.holder(roomLease(room.west))).toBe('e1');
    expect(await home.east.lease.holder(roomLease(room.east))).toBe('e3');
  });
});

describe('a home that is away', () => {
  it('keeps its own rooms waiting and no others', async () => {
    let away = false;
    const { append } = home.west.log;
    const log = {
      ...home.west.log,
      read: (...args: Parameters<typeof home.west.log.read>) =>
        away ? Promise.reject(new SluiceError('unavailable', 'away')) : home.west.log.read(...args),
      append: (...args: Parameters<typeof append>) =>
        away ? Promise.reject(new SluiceError('unavailable', 'away')) : append(...args),
    };
    const e3 = scene.edge('e3', { ports: { homes: homesWith({ west: { log } }) } });
    const [west, east] = [await e3.open(room.west), await e3.open(room.east)];
    for (const each of [west, east]) await done(each.execute(join('p1', 'e3')));
    away = true;
    await expect(west.execute(say('p1', 'x'))).rejects.toMatchObject({ code: 'unavailable' });
    await done(east.execute(say('p1', 'x')));
    await done(east.execute(publish('p1', 's1')));
    await scene.rest();
    expect(east.state.streams.get('s1')?.phase).toBe('ready');
    away = false;
    await done(west.execute(say('p1', 'x')));
  });
});

it('a worker that one home has lost and that lives on is told that it has nothing more there', async () => {
  const [west, east] = [await e1.open(room.west), await e1.open(room.east)];
  for (const each of [west, east]) {
    await done(each.execute(join('p1')));
    await done(each.execute(publish('p1', each === west ? 's1' : 's2')));
    await scene.rest();
  }
  await home.west.registry.remove('w1', 'silent');
  await scene.rest();
  expect(west.state.transports.size).toBe(0);
  expect(east.state.streams.get('s2')?.phase).toBe('ready');
  expect(worker.documents.at(-1)).toMatchObject({ room: room.east });
  // As it does every so often for each room that it has.
  await worker.report(room.west, []);
  await scene.rest();
  expect(worker.documents.at(-1)).toMatchObject({ room: room.west, transports: [], mixers: [] });
  const { asked } = worker;
  await worker.report(room.east, []);
  await scene.rest();
  expect(worker.asked).toBe(asked);
});
