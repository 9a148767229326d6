// Owns what every implementation of the directory must do (store/directory.ts).
import { describe, expect, it } from 'vitest';
import type { TokenRecord } from '../../../schemas/management.ts';
import type { Directory } from '../directory.ts';
import { withFixture, type MakeFixture } from './fixture.ts';
import { roomDocument } from './room-document.ts';

const now = 1_700_000_000_000;

const service = (name: string) => ({ _id: '', name, key: `key of ${name}`, encrypted: false });

function token(tokenId: string, createdAt = now): TokenRecord {
  return {
    tokenId,
    user: 'u',
    role: 'presenter',
    room: 'r',
    service: 's',
    createdAt,
    origin: { isp: 'isp', region: 'region' },
    host: 'h:1',
    secure: false,
  };
}

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

    test('a token goes to one of 64 who take it at once', async (directory) => {
      await directory.saveToken(token('t'));
      const taken = await Promise.all(Array.from({ length: 64 }, () => directory.takeToken('t', now - 1000)));
      expect(taken.filter((found) => found !== undefined)).toEqual([token('t')]);
      expect(await directory.takeToken('t', 0)).toBeUndefined();
    });

    test('tokens older than asked for are gone', async (directory) => {
      await directory.saveToken(token('old', now - 2000));
      await directory.saveToken(token('new', now));
      expect(await directory.takeToken('old', now - 1000)).toBeUndefined();
      expect(await directory.takeToken('old', 0)).toBeUndefined();
      expect(await directory.takeToken('new', now - 1000)).toEqual(token('new'));
    });

    test('a secret is made once, whoever asks first', async (directory) => {
      let made = 0;
      const all = await Promise.all(
        Array.from({ length: 16 }, () => directory.secret('a', () => `secret ${(made += 1)}`)),
      );
      expect(new Set(all).size).toBe(1);
      expect(await directory.secret('a', () => 'other')).toBe(all[0]);
      expect(await directory.secret('b', () => 'other')).toBe('other');
    });

    test('a nonce is new once per service until its time is over', async (directory, { advance }) => {
      const answers = await Promise.all(
        Array.from({ length: 16 }, () => directory.rememberNonce('s', 'n', 100)),
      );
      expect(answers.filter(Boolean)).toHaveLength(1);
      expect(await directory.rememberNonce('s', 'm', 100)).toBe(true);
      expect(await directory.rememberNonce('t', 'n', 100)).toBe(true);
      await advance(150);
      expect(await directory.rememberNonce('s', 'n', 100)).toBe(true);
    });
  });
}
