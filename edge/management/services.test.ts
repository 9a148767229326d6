import { beforeEach, describe, expect, it } from 'vitest';
import type { Service } from '../../schemas/management.ts';
import { ScriptedServer } from './scripted-server.ts';

let server: ScriptedServer;
beforeEach(async () => {
  server = await ScriptedServer.start();
});
const bySuper = (method: string, path: string, body?: unknown) =>
  server.call(method, path, body, server.superService);

describe('services', () => {
  it('rest-api#8 show a plain service only itself', async () => {
    const own = server.sampleService._id;
    const denied = { status: 403, json: { error: { code: 1102, message: 'Permission denied' } } };
    expect(await server.call('GET', '/services')).toMatchObject(denied);
    expect(await server.call('POST', '/services', { name: 'a', key: 'b' })).toMatchObject(denied);
    expect(await server.call('GET', `/services/${server.superService._id}`)).toMatchObject(denied);
    expect(await server.call('DELETE', `/services/${own}`)).toMatchObject(denied);
    expect(await server.call('GET', `/services/${own}`)).toMatchObject({
      status: 200,
      json: { _id: own, name: 'sampleService', encrypted: true, rooms: [server.sampleRoom] },
    });
  });

  it('rest-api#9 are created, listed, deleted once, and never the super service', async () => {
    const created = await bySuper('POST', '/services', { name: 'classroom', key: 'secret key' });
    expect(created).toMatchObject({ status: 200, json: { name: 'classroom', rooms: [] } });
    const { _id } = created.json as Service;
    expect(_id).toMatch(/^[0-9a-f]{24}$/);
    expect(((await bySuper('GET', '/services')).json as Service[]).map(({ name }) => name)).toEqual([
      'superService',
      'sampleService',
      'classroom',
    ]);
    expect(await bySuper('POST', '/services', { name: 'classroom', key: 'k' })).toMatchObject({
      status: 400,
      json: { error: { code: 1201 } },
    });
    expect(await bySuper('GET', `/services/${_id}`)).toMatchObject({ status: 200, json: { _id } });
    expect(await bySuper('DELETE', `/services/${_id}`)).toMatchObject({
      status: 200,
      text: 'Service deleted',
    });
    const gone = { status: 404, json: { error: { code: 1002, message: 'Service not found' } } };
    expect(await bySuper('DELETE', `/services/${_id}`)).toMatchObject(gone);
    expect(await bySuper('GET', `/services/${_id}`)).toMatchObject(gone);
    const { _id: superId } = server.superService;
    expect(await bySuper('DELETE', `/services/${superId}`)).toMatchObject({
      status: 401,
      text: 'Super service not permitted to be deleted',
    });
  });

  it('never show a key, and authenticate with it', async () => {
    const { json } = await bySuper('POST', '/services', { name: 'classroom', key: 'secret key' });
    const classroom = { ...(json as Service), key: 'secret key' };
    expect(await server.call('GET', '/v1/rooms', undefined, classroom)).toMatchObject({
      status: 200,
      json: [],
    });
    const texts = [
      await bySuper('GET', '/services'),
      await bySuper('GET', `/services/${classroom._id}`),
      await server.call('GET', `/services/${classroom._id}`, undefined, classroom),
    ].map(({ text }) => text);
    expect(texts.join()).toContain((json as Service).key);
    for (const key of ['secret key', server.superService.key]) expect(texts.join()).not.toContain(key);
  });

  it('never show a key that was stored in clear either', async () => {
    const plain = await server.directory.createService({
      _id: '',
      name: 'old',
      key: 'clear key',
      encrypted: false,
    });
    for (const reply of [
      await bySuper('GET', '/services'),
      await bySuper('GET', `/services/${plain._id}`),
      await server.call('GET', `/services/${plain._id}`, undefined, plain),
    ]) {
      expect(reply.status).toBe(200);
      expect(reply.text).not.toContain('clear key');
    }
  });

  it.each([
    {},
    { name: 'a' },
    { name: 'a', key: 5 },
    { name: ['a'], key: 'k' },
    [],
    { name: '', key: 'k' },
    { name: 'a', key: '' },
  ])('are not made of %j', async (body) => {
    expect(await bySuper('POST', '/services', body)).toMatchObject({
      status: 400,
      json: { error: { code: 1201 } },
    });
  });

  it('take their rooms with them, live ones too', async () => {
    const room = server.goLive();
    expect((await bySuper('DELETE', `/services/${server.sampleService._id}`)).status).toBe(200);
    expect(server.commands).toEqual([{ type: 'close', reason: 'Room destruction' }]);
    expect(room.state.document).toBeUndefined();
    expect(await server.directory.room(server.sampleRoom)).toBeUndefined();
    expect((await server.call('GET', '/v1/rooms')).status).toBe(401);
  });
});
