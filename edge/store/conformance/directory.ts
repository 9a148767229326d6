// Owns what every implementation of the directory must do (store/directory.ts).
import { describe, expect, it } from 'vitest';
import type { Directory } from '../directory.ts';
import { maxPreviousKeys } from '../key-ring.ts';
import { withFixture, type MakeFixture } from './fixture.ts';
import { roomDocument } from './room-document.ts';

const service = (name: string) => ({ _id: '', name, key: `key of ${name}`, encrypted: false });

/** Declares the suite for one implementation. */
export function directoryConformance(name: string, make: MakeFixture<Directory>): void {
  const test = (what: string, body: Parameters<typeof withFixture<Directory>>[1]) =>
    it(what, withFixture(make, body));

  describe(`directory: ${name}`, () => {
    test('keeps services by id; ids are 24 hex digits and ascend', async (directory) => {
      const made = [];
      for (const each of ['a', 'b', 'c', 'd']) made.push(await directory.createService(service(each)));
      for (const each of made) expect(each._id).toMatch(/^[0-9a-f]{24}$/);
      const ids = made.map((each) => each._id);
      expect(ids).toEqual([...new Set(ids)].sort());
      expect(await directory.services()).toEqual(made);
      expect(made[0]).toMatchObject({ name: 'a', key: 'key of a', encrypted: false, rooms: [] });
      expect(await directory.service(ids[1] ?? '')).toEqual(made[1]);
      expect(await directory.service('ffffffffffffffffffffffff')).toBeUndefined();
    });

    test('refuses a second service of one name, also when both come at once', async (directory) => {
      const outcomes = await Promise.allSettled(
        Array.from({ length: 8 }, () => directory.createService(service('same'))),
      );
      expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
      for (const outcome of outcomes) {
        if (outcome.status === 'rejected') expect(outcome.reason).toMatchObject({ code: 'bad-request' });
      }
      expect(await directory.services()).toHaveLength(1);
    });

    test('keeps rooms of a service in ascending order of their ids', async (directory) => {
      const { _id } = await directory.createService(service('s'));
      const names = Array.from({ length: 20 }, (_, index) => `room ${index}`);
      const made = [];
      for (const each of names) made.push(await directory.createRoom(_id, roomDocument(each)));
      const listed = await directory.rooms(_id);
      expect(listed).toEqual(made);
      expect(listed.map((room) => room.name)).toEqual(names);
      expect((await directory.service(_id))?.rooms).toEqual(made.map((room) => room._id));
      expect(await directory.room(made[3]?._id ?? '')).toEqual({ service: _id, room: made[3] });
      expect(await directory.rooms('ffffffffffffffffffffffff')).toEqual([]);
    });

    test('a room keeps its home, which is no part of its document, as long as it exists', async (directory) => {
      const { _id } = await directory.createService(service('s'));
      const away = await directory.createRoom(_id, roomDocument('away'), 'west');
      const here = await directory.createRoom(_id, roomDocument('here'));
      expect(away).not.toHaveProperty('home');
      expect(await directory.rooms(_id)).toEqual([away, here]);
      expect(await directory.room(here._id)).toEqual({ service: _id, room: here });
      const changed = { ...away, name: 'changed' };
      expect(await directory.updateRoom(_id, changed)).toBe(true);
      expect(await directory.room(away._id)).toEqual({ service: _id, room: changed, home: 'west' });
      await directory.removeRoom(_id, away._id);
      await directory.createRoom(_id, away);
      expect(await directory.room(away._id)).toEqual({ service: _id, room: away });

      const other = await directory.createService(service('other'));
      const theirs = await directory.createRoom(other._id, roomDocument('theirs'), 'east');
      await directory.removeService(other._id);
      await directory.createRoom(_id, theirs);
      expect(await directory.room(theirs._id)).toEqual({ service: _id, room: theirs });
    });

    test('a room of an unknown service is refused', async (directory) => {
      await expect(directory.createRoom('ffffffffffffffffffffffff', roomDocument('r'))).rejects.toMatchObject(
        { code: 'service-not-found' },
      );
    });

    test('keeps ids of what moves here from elsewhere, in their order among the others', async (directory) => {
      const old = '5f1e9c2ab7d8e90012ab34cd';
      const moved = await directory.createService({ ...service('moved'), _id: old });
      expect(moved).toMatchObject({ _id: old, rooms: [] });
      expect(await directory.service(old)).toEqual(moved);
      const made = await directory.createRoom(old, roomDocument('made here'));
      // A room may have the id of a service.
      const ids = ['ffffffffffffffffffffffff', '000000000000000000000001', old];
      for (const _id of ids) {
        const room = await directory.createRoom(old, { ...roomDocument(_id), _id });
        expect(room._id).toBe(_id);
        expect(await directory.room(_id)).toEqual({ service: old, room });
      }
      const listed = (await directory.rooms(old)).map((room) => room._id);
      expect(listed).toEqual([...ids, made._id].sort());
      // Ids made later are none of those.
      expect(ids).not.toContain((await directory.createRoom(old, roomDocument('later')))._id);
    });

    test('an id is given to one only, also when many ask at once, and must be one', async (directory) => {
      const ids = ['5f1e9c2ab7d8e90012ab34cd', '5f1e9c2ab7d8e90012ab34ce'] as const;
      const services = await Promise.allSettled(
        Array.from({ length: 8 }, (_, index) =>
          directory.createService({ ...service(`s${index}`), _id: ids[0] }),
        ),
      );
      expect(services.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
      const other = await directory.createService(service('other'));
      const rooms = await Promise.allSettled(
        Array.from({ length: 8 }, (_, index) =>
          directory.createRoom(index % 2 === 0 ? ids[0] : other._id, {
            ...roomDocument(`r${index}`),
            _id: ids[1],
          }),
        ),
      );
      expect(rooms.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
      for (const outcome of [...services, ...rooms])
        if (outcome.status === 'rejected') expect(outcome.reason).toMatchObject({ code: 'bad-request' });
      expect(await directory.services()).toHaveLength(2);
      const listed = [...(await directory.rooms(ids[0])), ...(await directory.rooms(other._id))];
      expect(listed.map((room) => room._id)).toEqual([ids[1]]);

      for (const _id of ['5F1E9C2AB7D8E90012AB34CF', 'short', '5f1e9c2ab7d8e90012ab34cd0']) {
        const bad = { code: 'bad-request' };
        await expect(directory.createService({ ...service('bad'), _id })).rejects.toMatchObject(bad);
        await expect(directory.createRoom(ids[0], { ...roomDocument('bad'), _id })).rejects.toMatchObject(
          bad,
        );
      }
      // What was refused left nothing behind: its name is free.
      expect(await directory.createService(service('bad'))).toMatchObject({ name: 'bad' });
    });

    test('updates and removes rooms of their own service only', async (directory) => {
      const a = await directory.createService(service('a'));
      const b = await directory.createService(service('b'));
      const room = await directory.createRoom(a._id, roomDocument('r'));
      expect(await directory.updateRoom(b._id, { ...room, name: 'stolen' })).toBe(false);
      expect(await directory.updateRoom(a._id, { ...room, name: 'renamed' })).toBe(true);
      expect((await directory.room(room._id))?.room.name).toBe('renamed');
      expect(await directory.removeRoom(b._id, room._id)).toBe(false);
      expect(await directory.removeRoom(a._id, room._id)).toBe(true);
      expect(await directory.removeRoom(a._id, room._id)).toBe(false);
      expect(await directory.updateRoom(a._id, room)).toBe(false);
      expect(await directory.room(room._id)).toBeUndefined();
      expect((await directory.service(a._id))?.rooms).toEqual([]);
    });

    test('removing a service removes its rooms', async (directory) => {
      const a = await directory.createService(service('a'));
      const b = await directory.createService(service('b'));
      const gone = await directory.createRoom(a._id, roomDocument('r'));
      const kept = await directory.createRoom(b._id, roomDocument('r'));
      expect(await directory.removeService(a._id)).toBe(true);
      expect(await directory.removeService(a._id)).toBe(false);
      expect(await directory.room(gone._id)).toBeUndefined();
      expect(await directory.room(kept._id)).toBeDefined();
      expect(await directory.services()).toEqual([{ ...b, rooms: [kept._id] }]);
    });

    test('what callers do to their copies changes nothing', async (directory) => {
      const { _id } = await directory.createService(service('s'));
      const document = roomDocument('r');
      const made = await directory.createRoom(_id, document);
      document.roles.length = 0;
      made.roles.length = 0;
      (await directory.rooms(_id))[0]?.roles.pop();
      expect((await directory.room(made._id))?.room.roles).toHaveLength(1);
    });

    test('changes the key of a service and nothing else of it', async (directory) => {
      const made = await directory.createService(service('s'));
      const room = await directory.createRoom(made._id, roomDocument('r'));
      const other = await directory.createService(service('t'));
      const oldKey = { key: made.key, until: 5 };
      const changed = { ...made, rooms: [room._id], key: 'new', encrypted: true, oldKey };
      expect(await directory.changeServiceKey(made._id, { key: 'new', encrypted: true, oldKey })).toEqual(
        changed,
      );
      expect(await directory.service(made._id)).toEqual(changed);
      const { oldKey: _, ...last } = { ...changed, key: 'newer' };
      expect(await directory.changeServiceKey(made._id, { key: 'newer', encrypted: true })).toEqual(last);
      expect(await directory.services()).toEqual([last, other]);
      const nobody = 'ffffffffffffffffffffffff';
      expect(await directory.changeServiceKey(nobody, { key: 'k', encrypted: true })).toBeUndefined();
    });

    test('changes the webhooks of a service, whoever else does at once', async (directory) => {
      const made = await directory.createService(service('s'));
      const hook = (n: number) => ({
        _id: `5f1e9c2ab7d8e90012ab34${n.toString(16).padStart(2, '0')}`,
        url: 'https://app.example/hook',
        events: ['room.opened' as const],
        secret: 'sealed',
      });
      await Promise.all(
        Array.from({ length: 8 }, (_, n) =>
          directory.changeWebhooks(made._id, (present) => [...present, hook(n)]),
        ),
      );
      const kept = (await directory.service(made._id))?.webhooks ?? [];
      expect(kept.map(({ _id }) => _id).sort()).toEqual(Array.from({ length: 8 }, (_, n) => hook(n)._id));
      await expect(
        directory.changeWebhooks(made._id, () => {
          throw new RangeError('too many');
        }),
      ).rejects.toThrow('too many');
      expect(await directory.changeServiceKey(made._id, { key: 'new', encrypted: true })).toEqual({
        ...made,
        key: 'new',
        encrypted: true,
        webhooks: kept,
      });
      expect(await directory.changeWebhooks(made._id, () => [])).toMatchObject({ webhooks: [] });
      expect(await directory.changeWebhooks('ffffffffffffffffffffffff', () => [])).toBeUndefined();
    });

    test('a key is made once, whoever asks first', async (directory) => {
      let made = 0;
      const all = await Promise.all(
        Array.from({ length: 16 }, () => directory.keys('a', () => `secret ${(made += 1)}`)),
      );
      expect(new Set(all.map((ring) => JSON.stringify(ring))).size).toBe(1);
      expect(all[0]?.current).toEqual({
        id: expect.stringMatching(/^[0-9a-f]{8}$/) as string,
        secret: expect.stringMatching(/^secret \d+$/) as string,
        since: expect.any(Number) as number,
      });
      expect(all[0]?.previous).toEqual([]);
      expect(await directory.keys('a', () => 'other')).toEqual(all[0]);
      expect((await directory.keys('b', () => 'other')).current.secret).toBe('other');
    });

    test('a replaced key is kept for its time, the last one first', async (directory, { advance }) => {
      const ids = [(await directory.keys('a', () => 'one')).current.id];
      for (const [secret, keepMs] of [
        ['two', 60_000],
        ['three', 20_000],
        ['four', 60_000],
      ] as const) {
        const ring = await directory.rotate('a', () => secret, keepMs);
        expect(ring.current).toMatchObject({ secret });
        expect(ring.current).not.toHaveProperty('until');
        expect(ring).toEqual(await directory.keys('a', () => 'never'));
        ids.unshift(ring.current.id);
      }
      const before = await directory.keys('a', () => 'never');
      expect(before.previous.map(({ secret }) => secret)).toEqual(['three', 'two', 'one']);
      expect([before.current, ...before.previous].map(({ id }) => id)).toEqual(ids);
      expect(new Set(ids).size).toBe(4);
      for (const key of before.previous) expect(key.until).toBeGreaterThan(key.since);
      await advance(25_000);
      const after = await directory.keys('a', () => 'never');
      expect(after.previous.map(({ secret }) => secret)).toEqual(['three', 'one']);
      expect(await directory.keys('b', () => 'else')).toMatchObject({ previous: [] });
    });

    test('a key that is kept forever has no end', async (directory, { advance }) => {
      await directory.keys('a', () => 'one');
      await directory.rotate('a', () => 'two', Infinity);
      await advance(1000);
      const { previous } = await directory.rotate('a', () => 'three', Infinity);
      expect(previous.map(({ secret }) => secret)).toEqual(['two', 'one']);
      for (const key of previous) expect(key).not.toHaveProperty('until');
    });

    test('rotating what nobody asked for before makes the first key', async (directory) => {
      expect(await directory.rotate('a', () => 'one', 1000)).toMatchObject({
        current: { secret: 'one' },
        previous: [],
      });
    });

    test('of many who replace the same key one does', async (directory) => {
      const { current } = await directory.keys('a', () => 'one');
      let made = 0;
      const rings = await Promise.all(
        Array.from({ length: 16 }, () =>
          directory.rotate('a', () => `next ${(made += 1)}`, 60_000, current.id),
        ),
      );
      expect(new Set(rings.map((ring) => JSON.stringify(ring))).size).toBe(1);
      expect(rings[0]?.previous.map(({ id }) => id)).toEqual([current.id]);
      expect(await directory.keys('a', () => 'never')).toEqual(rings[0]);
    });

    test('previous keys do not pile up without end', async (directory) => {
      await directory.keys('a', () => 'one');
      for (let count = 0; count < maxPreviousKeys; count += 1)
        await directory.rotate('a', () => `key ${count}`, Infinity);
      const full = await directory.keys('a', () => 'never');
      await expect(directory.rotate('a', () => 'too many', Infinity)).rejects.toMatchObject({
        code: 'operation-failed',
      });
      expect(await directory.keys('a', () => 'never')).toEqual(full);
    });
  });
}
