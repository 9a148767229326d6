import { beforeEach, describe, expect, it } from 'vitest';
import type { Service } from '../../schemas/management.ts';
import { importLimits, type ImportedRoom } from '../../schemas/room-import.ts';
import type { RoomDocument } from '../../schemas/room.ts';
import { newRoomDocument } from './room-document.ts';
import { ScriptedServer } from './scripted-server.ts';

const id = (index: number) => `65f0c0ffee${String(index).padStart(14, '0')}`;
const room = (index: number, options: object = {}) =>
  newRoomDocument(id(index), { name: `room ${index}`, options });

let server: ScriptedServer;
beforeEach(async () => {
  server = await ScriptedServer.start();
});

async function bring(rooms: readonly unknown[], more: object = {}, by = server.sampleService) {
  const reply = await server.call(
    'POST',
    `/services/${server.sampleService._id}/import`,
    { rooms, ...more },
    by,
  );
  expect(reply.status).toBe(200);
  return reply.json as readonly ImportedRoom[];
}
const statuses = async (...args: Parameters<typeof bring>) =>
  (await bring(...args)).map(({ status }) => status);
const held = async (index: number) => (await server.directory.room(id(index)))?.room;

describe('an import of rooms', () => {
  it('makes them under the ids they had, where everything finds them', async () => {
    expect(await bring([room(1), room(2)])).toEqual([
      { id: id(1), name: 'room 1', status: 'created', changes: [] },
      { id: id(2), name: 'room 2', status: 'created', changes: [] },
    ]);
    expect(await held(1)).toEqual(room(1));
    const listed = (await server.call('GET', '/v1/rooms')).json as readonly RoomDocument[];
    expect(listed.map(({ _id }) => _id)).toEqual([server.sampleRoom, id(1), id(2)]);
    expect((await server.call('GET', `/v1/rooms/${id(2)}`)).json).toMatchObject({
      _id: id(2),
      name: 'room 2',
    });
    const token = await server.call('POST', `/v1/rooms/${id(2)}/tokens`, { user: 'u', role: 'presenter' });
    expect(token.status).toBe(200);
  });

  it('can be done again: what is there stays, what differs is told, and replaced when asked', async () => {
    const sip = { sipServer: 's', username: 'u', password: 'secret' };
    await bring([room(1), room(2, { sip })]);
    const again = [room(1), room(2, { sip }), room(3)];
    expect(await statuses(again)).toEqual(['exists', 'exists', 'created']);
    const changed = [room(1, { inputLimit: 3 }), room(2, { sip: { ...sip, password: 'new' } })];
    const told = await bring(changed);
    for (const each of told) {
      expect(each).toMatchObject({ status: 'exists', reason: expect.stringContaining('differs') as string });
    }
    expect((await held(1))?.inputLimit).toBe(-1);
    expect(await statuses([...changed, room(3)], { update: true })).toEqual(['updated', 'updated', 'exists']);
    expect((await held(1))?.inputLimit).toBe(3);
    expect(await statuses(changed)).toEqual(['exists', 'exists']);
  });

  it('done dry changes nothing and tells the same', async () => {
    await bring([room(1)]);
    const rooms = [room(1, { inputLimit: 3 }), room(2), { name: 'none' }];
    const dry = await bring(rooms, { update: true, dryRun: true });
    expect(dry.map(({ status }) => status)).toEqual(['updated', 'created', 'refused']);
    expect((await held(1))?.inputLimit).toBe(-1);
    expect(await held(2)).toBeUndefined();
    expect(await bring(rooms, { update: true })).toEqual(dry);
  });

  it('goes on after a bad one, and says of each why', async () => {
    const views = [{ label: 'a' }, { label: 'a' }];
    const rooms = [room(1), null, { ...room(2), views }, { ...room(3), _id: 'three' }, room(1), room(4)];
    expect(await bring(rooms)).toMatchObject([
      { status: 'created' },
      { id: '', name: '', status: 'refused', reason: 'No _id of 24 hex digits' },
      {
        id: id(2),
        name: 'room 2',
        status: 'refused',
        reason: expect.stringContaining('same label') as string,
      },
      { id: '', name: 'room 3', status: 'refused', reason: 'No _id of 24 hex digits' },
      { id: id(1), status: 'refused', reason: 'Another room before it has the same _id' },
      { status: 'created' },
    ]);
    expect(await held(2)).toBeUndefined();
  });

  it('never takes a room from another service', async () => {
    await bring([room(1)]);
    const made = await server.call('POST', '/services', { name: 'b', key: 'k' }, server.superService);
    const other = { ...(made.json as Service), key: 'k' };
    const path = `/services/${other._id}/import`;
    const body = { rooms: [{ ...room(1), name: 'stolen' }], update: true };
    for (const by of [other, server.superService]) {
      expect((await server.call('POST', path, body, by)).json).toMatchObject([
        { status: 'refused', reason: 'Its _id belongs to a room of another service' },
      ]);
    }
    expect((await held(1))?.name).toBe('room 1');
  });

  it('is for the service itself and the super service', async () => {
    const path = `/services/${server.superService._id}/import`;
    const denied = { status: 403, json: { error: { code: 1102, message: 'Permission denied' } } };
    expect(await server.call('POST', path, { rooms: [room(1)] })).toMatchObject(denied);
    expect(await held(1)).toBeUndefined();
    expect(await statuses([room(1)], {}, server.superService)).toEqual(['created']);
    expect((await server.directory.room(id(1)))?.service).toBe(server.sampleService._id);
    const nobody = `/services/${id(9)}/import`;
    expect(await server.call('POST', nobody, { rooms: [] }, server.superService)).toMatchObject({
      status: 404,
    });
    expect((await server.send(path, { method: 'POST', body: '{}' })).status).toBe(401);
  });

  it('seals SIP passwords and never shows one', async () => {
    const sip = { sipServer: 's', username: 'u', password: 'open sesame' };
    const outcomes = await bring([room(1, { sip }), { ...room(2), sip: { ...sip, username: '' } }]);
    expect(outcomes.map(({ status }) => status)).toEqual(['created', 'created']);
    expect(JSON.stringify(outcomes)).not.toContain('sesame');
    expect((await held(1))?.sip?.password).not.toContain('sesame');
    expect((await held(2))?.sip).toBeUndefined();
  });

  it.each([{}, { rooms: {} }, { rooms: [], update: 'yes' }, [], { rooms: Array(501).fill(null) }])(
    'that is not one is refused (%#)',
    async (body) => {
      const path = `/services/${server.sampleService._id}/import`;
      expect(await server.call('POST', path, body)).toMatchObject({
        status: 400,
        json: { error: { code: 1201 } },
      });
    },
  );

  it('may be large, but not without end, and is read only once it is known who sends it', async () => {
    const path = `/services/${server.sampleService._id}/import`;
    const rooms = Array.from({ length: 400 }, (_, index) => room(index));
    expect(JSON.stringify(rooms).length).toBeGreaterThan(400_000);
    expect(await statuses(rooms)).toEqual(rooms.map(() => 'created'));
    const body = `{"rooms":[],"padding":"${'x'.repeat(importLimits.bodyBytes)}"}`;
    const authorization = await server.header(server.sampleService);
    const tooLarge = await server.send(path, { method: 'POST', body, headers: { authorization } });
    expect(tooLarge.status).toBe(413);
    const stranger = await server.send(path, { method: 'POST', body });
    expect(stranger.status).toBe(401);
    // Others keep their limit.
    expect((await server.call('POST', '/v1/rooms', { name: 'x'.repeat(200_000) })).status).toBe(413);
  });

  it('of 64 that bring the same room at once, one makes it and none fails', async () => {
    const all = await Promise.all(Array.from({ length: 64 }, () => bring([room(1)])));
    const others = all.flat().filter(({ status }) => status !== 'created');
    expect(others.map(({ status }) => status)).toEqual(Array(63).fill('exists'));
    expect(await server.directory.rooms(server.sampleService._id)).toHaveLength(2);
  });
});

describe('a service that moves here', () => {
  const bySuper = (body: object) => server.call('POST', '/services', body, server.superService);

  it('keeps its id and its key', async () => {
    const moved = { _id: '5F1E9C2AB7D8E90012AB34CD', name: 'moved', key: 'old key' };
    const reply = await bySuper(moved);
    expect(reply).toMatchObject({
      status: 200,
      json: { _id: moved._id.toLowerCase(), name: 'moved', rooms: [] },
    });
    const itself = { ...(reply.json as Service), key: 'old key' };
    expect((await server.call('GET', '/v1/rooms', undefined, itself)).status).toBe(200);
    expect(await bySuper({ ...moved, name: 'again' })).toMatchObject({
      status: 400,
      json: { error: { code: 1201, message: 'Service id is taken' } },
    });
  });

  it.each(['short', 5, null, '', 'g'.repeat(24)])('with the id %j is refused', async (_id) => {
    expect(await bySuper({ _id, name: 'moved', key: 'k' })).toMatchObject({
      status: 400,
      json: { error: { message: 'Service _id is not 24 hex digits' } },
    });
  });
});
