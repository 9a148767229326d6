import { beforeEach, describe, expect, it } from 'vitest';
import type { Service } from '../../schemas/management.ts';
import { ScriptedServer } from './scripted-server.ts';

let server: ScriptedServer;
let old: Service;
let renewed: Service;
beforeEach(async () => {
  server = await ScriptedServer.start();
  old = server.sampleService;
  renewed = { ...old, key: 'a new key' };
});

const change = (body: unknown, by = old, id = old._id) => server.call('PATCH', `/services/${id}`, body, by);
const statusOf = async (by: Service) => (await server.call('GET', '/v1/rooms', undefined, by)).status;

describe('changing the key of a service', () => {
  it('takes effect at once, and the old one is worth nothing', async () => {
    const reply = await change({ key: 'a new key' });
    expect(reply).toMatchObject({ status: 200, json: { _id: old._id, name: old.name, encrypted: true } });
    expect(reply.text).not.toContain('a new key');
    expect(await statusOf(renewed)).toBe(200);
    expect(await statusOf(old)).toBe(401);
    expect((await server.directory.service(old._id))?.rooms).toEqual([server.sampleRoom]);
  });

  it('leaves the old one good for the time asked for', async () => {
    const reply = await change({ key: 'a new key', overlapSeconds: 3600 });
    expect(reply.json).not.toHaveProperty('oldKey');
    server.clock.time += 3_599_999;
    expect([await statusOf(old), await statusOf(renewed)]).toEqual([200, 200]);
    server.clock.time += 1;
    expect([await statusOf(old), await statusOf(renewed)]).toEqual([401, 200]);
  });

  it('twice leaves two keys, not three', async () => {
    await change({ key: 'a new key', overlapSeconds: 3600 });
    await change({ key: 'a third', overlapSeconds: 3600 }, renewed);
    expect(await statusOf(old)).toBe(401);
    expect(await statusOf(renewed)).toBe(200);
    expect(await statusOf({ ...old, key: 'a third' })).toBe(200);
  });

  it('shows the old key to nobody', async () => {
    await change({ key: 'a new key', overlapSeconds: 3600 });
    const oldKey = (await server.directory.service(old._id))?.oldKey;
    expect(oldKey?.key).toMatch(/^[0-9a-f]{8}\.[0-9a-f]+$/);
    for (const reply of [
      await server.call('GET', '/services', undefined, server.superService),
      await server.call('GET', `/services/${old._id}`, undefined, server.superService),
      await server.call('GET', `/services/${old._id}`, undefined, renewed),
    ])
      expect(reply.text).not.toContain('oldKey');
  });

  it('is for the service itself and the super service', async () => {
    const { json } = await server.call('POST', '/services', { name: 'x', key: 'x' }, server.superService);
    const stranger = { ...(json as Service), key: 'x' };
    expect(await change({ key: 'stolen' }, stranger)).toMatchObject({ status: 403 });
    expect(await change({ key: 'stolen' }, stranger, 'ffffffffffffffffffffffff')).toMatchObject({
      status: 403,
    });
    expect(await change({ key: 'a new key' }, server.superService)).toMatchObject({ status: 200 });
    expect(await statusOf(renewed)).toBe(200);
    const gone = await change({ key: 'k' }, server.superService, 'ffffffffffffffffffffffff');
    expect(gone).toMatchObject({ status: 404, json: { error: { code: 1002 } } });
  });

  it.each([
    {},
    { key: '' },
    { key: 5 },
    { key: 'k', overlapSeconds: -1 },
    { key: 'k', overlapSeconds: 2_592_001 },
    { key: 'k', overlapSeconds: 'long' },
    { key: 'k', name: 'other' },
    [],
  ])('is not done by %j', async (body) => {
    expect(await change(body)).toMatchObject({ status: 400, json: { error: { code: 1201 } } });
    expect(await statusOf(old)).toBe(200);
  });
});
