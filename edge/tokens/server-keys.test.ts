import { beforeEach, expect, it } from 'vitest';
import { SluiceError } from '../../schemas/error.ts';
import { createManualClock, type ManualClock } from '../platform/memory/manual-clock.ts';
import { createMemoryPorts } from '../platform/memory/ports.ts';
import { nodeRandom } from '../platform/node/random.ts';
import type { Directory } from '../store/directory.ts';
import { createServerKeys, rotateServerKey, type ServerKeys } from './server-keys.ts';

const day = 86_400_000;
const random = nodeRandom;
const away = new SluiceError('unavailable', 'The store is away');
let clock: ManualClock;
let directory: Directory;
/** How often the store was asked for keys. */
let asked: number;
let isAway: boolean;

beforeEach(async () => {
  clock = createManualClock();
  asked = 0;
  isAway = false;
  const { directory: stored } = await createMemoryPorts({ clock, random });
  directory = {
    ...stored,
    keys: (...args) => {
      asked += 1;
      return isAway ? Promise.reject(away) : stored.keys(...args);
    },
    rotate: (...args) => (isAway ? Promise.reject(away) : stored.rotate(...args)),
  };
});

const edge = (maxKeyAgeMs?: number): ServerKeys =>
  createServerKeys(
    { directory, clock, random, ...(maxKeyAgeMs === undefined ? {} : { maxKeyAgeMs }) },
    'token',
  );
const rotate = () => rotateServerKey({ directory, random }, 'token');

it('are asked for once in six seconds, however much is signed and verified', async () => {
  const keys = edge();
  const { id } = await keys.signing();
  await Promise.all(Array.from({ length: 500 }, () => Promise.all([keys.find(id), keys.signing()])));
  await clock.advance(5_999);
  await keys.find(id);
  expect(asked).toBe(1);
  await clock.advance(1);
  await Promise.all(Array.from({ length: 500 }, () => Promise.all([keys.find(id), keys.signing()])));
  expect(asked).toBe(2);
});

it('made-up ids cost the store one question a second, and are found in no ring', async () => {
  const keys = edge();
  await keys.signing();
  for (let second = 0; second < 10; second += 1) {
    await clock.advance(1_000);
    for (let n = 0; n < 200; n += 1)
      expect(await keys.find((n + second * 1_000).toString(16))).toBeUndefined();
  }
  expect(asked).toBeLessThanOrEqual(11);
});

it('a key made elsewhere is found at once by its id', async () => {
  const keys = edge();
  await keys.signing();
  await clock.advance(1_000);
  const { current } = await rotate();
  expect(await keys.find(current.id)).toEqual(current);
});

it('a new key signs when every edge has heard of it, so that no edge refuses what it signed', async () => {
  const other = edge();
  const before = await other.signing();
  const { current } = await rotate();
  for (let ms = 0; ms < 30_000; ms += 250) {
    // One that begins now knows the new key at once.
    const key = await edge().signing();
    expect(await other.find(key.id)).toMatchObject({ secret: key.secret });
    expect(key.id).toBe(ms < 11_000 ? before.id : current.id);
    await clock.advance(250);
  }
});

it('replaced keys stay good for their time, at an edge that was idle too', async () => {
  const [busy, idle] = [edge(), edge()];
  const { id } = await busy.signing();
  await idle.signing();
  await rotate();
  await clock.advance(200_000);
  expect(await busy.find(id)).toBeDefined();
  await clock.advance(10_001);
  expect(await busy.find(id)).toBeUndefined();
  expect(await idle.find(id)).toBeUndefined();
  expect((await idle.valid()).map((key) => key.id)).not.toContain(id);
});

it('of the keys known while the store is away, those whose time is over are not used', async () => {
  const keys = edge();
  const { id } = await keys.signing();
  const { current } = await rotate();
  await clock.advance(20_000);
  expect((await keys.signing()).id).toBe(current.id);
  isAway = true;
  await clock.advance(40 * day);
  expect((await keys.signing()).id).toBe(current.id);
  expect(await keys.find(id)).toBeUndefined();
  // An edge that never reached the store knows none.
  await expect(edge().signing()).rejects.toMatchObject({ code: 'unavailable' });
});

it('are replaced at their age, by one of many edges', async () => {
  const edges = Array.from({ length: 8 }, () => edge());
  const first = await Promise.all(edges.map((each) => each.signing()));
  await clock.advance(30 * day);
  expect((await Promise.all(edges.map((each) => each.signing()))).map(({ id }) => id)).toEqual(
    first.map(({ id }) => id),
  );
  await clock.advance(1);
  await Promise.all(edges.map((each) => each.signing()));
  const { current, previous } = await directory.keys('token', () => 'never');
  expect(previous.map(({ id }) => id)).toEqual([first[0]?.id]);
  await clock.advance(20_000);
  expect(new Set((await Promise.all(edges.map((each) => each.signing()))).map(({ id }) => id))).toEqual(
    new Set([current.id]),
  );
});

it('may live shorter or forever', async () => {
  const { id } = await edge().signing();
  await clock.advance(3_600_001);
  expect((await edge(Infinity).signing()).id).toBe(id);
  await edge(3_600_000).signing();
  await clock.advance(20_000);
  expect((await edge().signing()).id).not.toBe(id);
});
