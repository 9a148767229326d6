import { beforeEach, describe, expect, it } from 'vitest';
import type { RoomDocument } from '../../schemas/room.ts';
import type { Service } from '../../schemas/management.ts';
import { SluiceError } from '../../schemas/error.ts';
import { managementApp } from './app.ts';
import { ScriptedServer, type Reply } from './scripted-server.ts';

let server: ScriptedServer;
beforeEach(async () => {
  server = await ScriptedServer.start();
});
const roomOf = (reply: Reply) => reply.json as RoomDocument & { id: string };
const missing = { status: 404, json: { error: { code: 1003, message: 'Room not found' } } };

async function otherService(): Promise<Service> {
  const asked = { name: 'other', key: 'k' };
  const { json } = await server.call('POST', '/services', asked, server.superService);
  return { ...(json as Service), key: 'k' };
}

describe('rooms', () => {
  it('rest-api#10 of one service look absent to every other, the super service included', async () => {
    for (const stranger of [await otherService(), server.superService]) {
      const path = `/v1/rooms/${server.sampleRoom}`;
      for (const [method, below] of [
        ['GET', ''],
        ['PUT', ''],
        ['PATCH', ''],
        ['DELETE', ''],
        ['GET', '/streams'],
        ['POST', '/tokens'],
      ] as const)
        expect(
          await server.call(method, path + below, method === 'GET' ? undefined : {}, stranger),
        ).toMatchObject(missing);
    }
    expect((await server.call('GET', `/v1/rooms/${server.sampleRoom}`)).status).toBe(200);
  });

  it.each(['nothing', '000000000000000000000000', 'a%20b', "'--", '%00', '..%2f..', 'é', '%E0%A4%A'])(
    'of the id %s are not found',
    async (id) => {
      expect(await server.call('GET', `/v1/rooms/${id}`)).toMatchObject(missing);
    },
  );

  it('rest-api#11 need a name, and nothing else', async () => {
    expect(await server.call('POST', '/v1/rooms', {})).toMatchObject({
      status: 400,
      json: { error: { code: 1201, message: 'Invalid request body' } },
    });
    expect(await server.call('POST', '/v1/rooms', { name: 'r', options: 'all' })).toMatchObject({
      status: 400,
      json: { error: { code: 1201, message: 'Invalid room option' } },
    });
    const reply = await server.call('POST', '/v1/rooms', { name: 'r' });
    const room = roomOf(reply);
    expect(reply.status).toBe(200);
    expect(room).toMatchObject({
      name: 'r',
      inputLimit: -1,
      participantLimit: -1,
      views: [{ label: 'common' }],
    });
    expect(room.roles).toHaveLength(5);
    expect(room._id).toMatch(/^[0-9a-f]{24}$/);
    expect(room.id).toBe(room._id);
    expect((await server.call('GET', `/v1/rooms/${room._id}`)).text).toBe(reply.text);
  });

  it('rest-api#12 may have no views; with a view nobody could be sent none is created', async () => {
    const reply = await server.call('POST', '/v1/rooms', { name: 'r', options: { views: [] } });
    expect(roomOf(reply).views).toEqual([]);
    const options = { views: [{ video: { format: { codec: 'av1' } } }] };
    expect(await server.call('POST', '/v1/rooms', { name: 'bad', options })).toMatchObject({
      status: 400,
      json: { error: { code: 1201, message: 'MediaOut conflicts with View Setting' } },
    });
    expect(((await server.call('GET', '/v1/rooms')).json as RoomDocument[]).map(({ name }) => name)).toEqual([
      'sampleRoom',
      'r',
    ]);
  });

  it('rest-api#13 are listed by id, in pages', async () => {
    for (let i = 1; i < 12; i++) await server.call('POST', '/v1/rooms', { name: `r${String(i)}` });
    const names = async (query: string) =>
      ((await server.call('GET', `/v1/rooms${query}`)).json as RoomDocument[]).map(({ name }) => name);
    const all = ['sampleRoom', ...Array.from({ length: 11 }, (_, i) => `r${String(i + 1)}`)];
    expect(await names('')).toEqual(all);
    expect(await names('?page=2&per_page=5')).toEqual(all.slice(5, 10));
    expect(await names('?page=3&per_page=5')).toEqual(all.slice(10));
    expect(await names('?page=9&per_page=5')).toEqual([]);
    expect(await names('?per_page=5')).toEqual(all.slice(0, 5));
    for (const query of ['?page=2', '?page=2&per_page=0', '?page=2&per_page=x', '?per_page=-1'])
      expect(await names(query)).toEqual(all);
    expect(await names('?page=x&per_page=3')).toEqual(all.slice(0, 3));
  });

  it('rest-api#14 are updated field by field, or not at all', async () => {
    const path = `/v1/rooms/${server.sampleRoom}`;
    const before = roomOf(await server.call('GET', path));
    const updated = roomOf(await server.call('PUT', path, { inputLimit: 3 }));
    expect(updated).toEqual({ ...before, inputLimit: 3 });
    expect(
      await server.call('PUT', path, { inputLimit: 4, views: [{ video: { format: { codec: 'av1' } } }] }),
    ).toMatchObject({
      status: 400,
      json: { error: { code: 1201 } },
    });
    expect(roomOf(await server.call('GET', path))).toEqual(updated);
  });

  it('refuse partial updates honestly', async () => {
    expect(await server.call('PATCH', `/v1/rooms/${server.sampleRoom}`, [])).toMatchObject({
      status: 500,
      json: { error: { code: 2001, message: 'Not implemented' } },
    });
  });

  it('never show a SIP password, and keep it when a whole room is put back', async () => {
    const sip = { sipServer: 's', username: 'u', password: 'pass word' };
    const created = await server.call('POST', '/v1/rooms', { name: 'r', options: { sip } });
    const room = roomOf(created);
    const path = `/v1/rooms/${room._id}`;
    const stored = async () => (await server.directory.room(room._id))?.room.sip;
    const sealed = await stored();
    expect(room.sip).toEqual({ ...sip, password: '********' });
    expect(JSON.stringify(sealed)).not.toContain('pass word');
    expect((await server.call('PUT', path, room)).text).toBe(created.text);
    expect(await stored()).toEqual(sealed);
    await server.call('PUT', path, { sip: { ...sip, password: 'new' } });
    expect((await stored())?.password).not.toBe(sealed?.password);
    for (const reply of [await server.call('GET', path), await server.call('GET', '/v1/rooms')])
      expect(reply.text).toContain('********');
    expect(roomOf(await server.call('PUT', path, { sip: null }))).not.toHaveProperty('sip');
    expect(await stored()).toBeUndefined();
  });

  it('have a schedule, in whatever form it was given, until it is taken off', async () => {
    const made = await server.call('POST', '/v1/rooms', {
      name: 'class',
      options: { schedule: { opensAt: '2026-11-23T09:00:00+01:00', closesAt: 1_795_000_000_000 } },
    });
    const schedule = { opensAt: 1_795_420_800_000, closesAt: 1_795_000_000_000 };
    expect(made).toMatchObject({ status: 400 });
    expect(made.text).toContain('A room cannot close before it opens');
    const good = { ...schedule, closesAt: 1_795_428_000_000 };
    const reply = await server.call('POST', '/v1/rooms', {
      name: 'class',
      options: { schedule: { opensAt: '2026-11-23T09:00:00+01:00', closesAt: good.closesAt } },
    });
    expect(reply).toMatchObject({ status: 200, json: { schedule: good } });
    const path = `/v1/rooms/${(reply.json as { _id: string })._id}`;
    expect((await server.call('PUT', path, { name: 'lesson' })).json).toMatchObject({ schedule: good });
    const other = { closesAt: 1_795_428_000_001 };
    expect((await server.call('PUT', path, { schedule: other })).json).toMatchObject({ schedule: other });
    for (const bad of [{ opensAt: 'soon' }, { opensAt: -1 }, { from: 1 }, 'always']) {
      expect(await server.call('PUT', path, { schedule: bad })).toMatchObject({ status: 400 });
    }
    expect((await server.call('PUT', path, { schedule: null })).json).not.toHaveProperty('schedule');
    expect((await server.call('GET', path)).json).not.toHaveProperty('schedule');
  });

  it('have an order of media engines, until it is taken off', async () => {
    const options = { mediaEngines: ['vaapi', 'wasm'] };
    const made = await server.call('POST', '/v1.1/rooms', { name: 'gpu', options });
    expect(made).toMatchObject({ status: 200, json: options });
    const { _id: id } = roomOf(made);
    const path = `/v1.1/rooms/${id}`;
    expect((await server.directory.room(id))?.room).toMatchObject(options);
    expect((await server.call('PUT', path, { name: 'other' })).json).toMatchObject(options);
    const only = { mediaEngines: ['qsv'] };
    expect((await server.call('PUT', path, only)).json).toMatchObject(only);
    for (const [bad, why] of [
      [['vaapi', 'gpu'], 'mediaEngines.1: must be some of vaapi, qsv, cpu, wasm'],
      [[], 'mediaEngines: must name at least one engine'],
      [['cpu', 'cpu'], 'mediaEngines: names an engine twice'],
      ['vaapi', 'mediaEngines: '],
    ] as const) {
      const reply = await server.call('PUT', path, { mediaEngines: bad });
      expect(reply.status).toBe(400);
      expect(reply.text).toContain(why);
    }
    expect((await server.call('GET', path)).json).toMatchObject(only);
    expect((await server.call('PUT', path, { mediaEngines: null })).json).not.toHaveProperty('mediaEngines');
    expect((await server.call('GET', path)).json).not.toHaveProperty('mediaEngines');
    const plain = await server.call('POST', '/v1.1/rooms', { name: 'plain' });
    expect(plain.json).not.toHaveProperty('mediaEngines');
  });

  it('whose schedule cannot be put into force say so', async () => {
    const away = {
      ...server.deps.jobs,
      add: () => Promise.reject(new SluiceError('unavailable', 'The store cannot be reached')),
    };
    const app = managementApp({ ...server.deps, jobs: away });
    const authorization = await server.header(server.sampleService);
    const body = JSON.stringify({ name: 'class', options: { schedule: { closesAt: 1_795_000_000_000 } } });
    const headers = { authorization, 'content-type': 'application/json' };
    const reply = await server.send('/v1/rooms', { method: 'POST', headers, body }, app);
    expect(reply.status).toBe(500);
    expect(reply.text).toMatch(/The room [0-9a-f]{24} is stored, its schedule is not in force: The store/);
  });

  it('are deleted with their live session', async () => {
    const room = server.goLive().join('alice');
    const path = `/v1/rooms/${server.sampleRoom}`;
    expect(await server.call('DELETE', path)).toMatchObject({ status: 200, text: 'Room deleted' });
    expect(server.commands).toEqual([{ type: 'close', reason: 'Room destruction' }]);
    expect(room.state.participants.size).toBe(0);
    expect(await server.call('DELETE', path)).toMatchObject(missing);
    expect(await server.call('GET', `${path}/participants`)).toMatchObject(missing);
  });
});
