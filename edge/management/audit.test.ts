import { beforeEach, describe, expect, it } from 'vitest';
import type { AuditEntry } from '../../schemas/audit.ts';
import { webApp } from '../web/routes.ts';
import { ScriptedServer } from './scripted-server.ts';

let server: ScriptedServer;
beforeEach(async () => {
  server = await ScriptedServer.start();
});

const audit = async (service = server.sampleService, by = service, query = '') =>
  (await server.call('GET', `/services/${service._id}/audit${query}`, undefined, by)).json as AuditEntry[];
const asSuper = (query = '') => audit(server.superService, server.superService, query);

describe('the audit log', () => {
  it.each([
    ['trace-1.of_2', true],
    ['x'.repeat(64), true],
    ['x'.repeat(65), false],
    ['two words', false],
    ['', false],
  ])('knows a request by the id that its caller gave: %j, where that is plain', async (given, taken) => {
    const authorization = await server.header(server.sampleService);
    const headers = { authorization, 'x-request-id': given, 'content-type': 'application/json' };
    const { sampleRoom: room } = server;
    const reply = await server.send(`/v1/rooms/${room}`, {
      method: 'PUT',
      headers,
      body: '{"name":"other"}',
    });
    const told = reply.headers.get('x-request-id');
    expect(told === given).toBe(taken);
    const [entry] = await audit();
    expect(entry?.request).toBe(told);
  });

  it('tells of each operation that changes something who did it, from where, and how it ended', async () => {
    const { _id: service } = server.sampleService;
    const { sampleRoom: room } = server;
    const authorization = await server.header(server.sampleService, { user: 'Ann É', role: 'viewer' });
    const headers = { authorization, 'content-type': 'application/json' };
    const renamed = { method: 'PUT', headers, body: '{"name":"other"}' };
    const reply = await server.send(`/v1/rooms/${room}/?x=secret`, renamed, server.app, '198.51.100.9');
    await server.call('DELETE', `/v1/rooms/${room}/participants/nobody`);
    await server.call('DELETE', '/V1/Rooms/elsewhere');
    const common = { at: server.clock.now(), kind: 'done', by: 'service', service };
    expect(await audit()).toEqual([
      {
        ...common,
        request: reply.headers.get('x-request-id'),
        user: 'Ann É',
        address: '198.51.100.9',
        method: 'PUT',
        path: `/v1/rooms/${room}`,
        room,
        status: 200,
      },
      {
        ...common,
        request: expect.stringMatching(/^[0-9a-f]{16}$/) as string,
        address: '192.0.2.1',
        method: 'DELETE',
        path: `/v1/rooms/${room}/participants/nobody`,
        room,
        status: 404,
      },
      {
        ...common,
        request: expect.stringMatching(/^[0-9a-f]{16}$/) as string,
        address: '192.0.2.1',
        method: 'DELETE',
        path: '/v1/rooms/elsewhere',
        status: 404,
      },
    ]);
  });

  it('does not tell of reading, nor of what nobody is behind', async () => {
    for (const path of ['/v1/rooms', `/v1/rooms/${server.sampleRoom}`, '/services']) {
      await server.call('GET', path);
      await server.send(path, { method: 'OPTIONS' });
    }
    await server.send('/nowhere', { method: 'POST', body: '{}' });
    const broken = { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{' };
    expect((await server.send('/v1/rooms', broken)).status).toBe(400);
    expect(await audit()).toEqual([]);
    expect(await asSuper()).toEqual([]);
  });

  it('tells the service that refused credentials claimed, and the super service of the rest', async () => {
    const forged = { ...server.sampleService, key: 'other' };
    expect((await server.call('GET', '/v1/rooms', undefined, forged)).status).toBe(401);
    await server.send('/services');
    await server.send('/services', { headers: { authorization: 'MAuth mauth_serviceid=../../x' } });
    expect(await audit()).toMatchObject([
      { kind: 'refused', service: server.sampleService._id, method: 'GET', path: '/v1/rooms', status: 401 },
    ]);
    const nameless = await asSuper();
    expect(nameless.map(({ kind, path }) => [kind, path])).toEqual([
      ['refused', '/services'],
      ['refused', '/services'],
    ]);
    for (const each of nameless) expect(each).not.toHaveProperty('service');
  });

  it('cannot be filled by who has no credentials', async () => {
    for (let i = 0; i < 100; i++) await server.send('/v1/rooms');
    expect(await asSuper('?limit=1000')).toHaveLength(60);
    server.clock.time += 60_000;
    await server.send('/v1/rooms');
    expect((await asSuper('?limit=2')).map(({ kind, count }) => [kind, count])).toEqual([
      ['unlisted', 40],
      ['refused', undefined],
    ]);
  });

  it('has what visitors of the sample application do, as theirs', async () => {
    const room = server.goLive().join('alice');
    const { clock, directory, log, random, rooms, tokens, sampleRoom } = server;
    const app = webApp({
      ...{
        jobs: server.deps.jobs,
        audit: server.audit,
        clock,
        directory,
        log,
        random,
        rooms,
        tokens,
        sampleRoom,
      },
      ...{
        service: server.sampleService._id,
        assets: { get: () => undefined },
        portalFor: server.deps.portalFor,
      },
    });
    const drop = `/rooms/${sampleRoom}/participants/alice`;
    const reply = await server.send(drop, { method: 'DELETE' }, app, '203.0.113.5');
    expect(reply.status).toBe(200);
    expect(room.state.participants.size).toBe(0);
    await server.send(`/rooms/${sampleRoom}/participants`, {}, app);
    expect(await audit()).toEqual([
      {
        request: reply.headers.get('x-request-id'),
        at: clock.now(),
        kind: 'done',
        by: 'app',
        service: server.sampleService._id,
        address: '203.0.113.5',
        method: 'DELETE',
        path: drop,
        room: sampleRoom,
        status: 200,
      },
    ]);
    for (let i = 0; i < 100; i++) await server.send('/tokens', { method: 'POST', body: '{"user":""}' }, app);
    expect(await audit(server.sampleService, server.superService, '?limit=1000')).toHaveLength(61);
  });

  it('is read by the service itself and the super service, in portions', async () => {
    for (let i = 0; i < 5; i++) {
      server.clock.time += 1;
      await server.call('POST', '/v1/rooms', { name: `r${i}` });
    }
    const { time } = server.clock;
    const times = async (query: string) =>
      (await audit(server.sampleService, server.superService, query)).map(({ at }) => at - time);
    expect(await times('')).toEqual([-4, -3, -2, -1, 0]);
    expect(await times('?limit=2')).toEqual([-1, 0]);
    expect(await times(`?since=${time - 3}&limit=2`)).toEqual([-3, -2]);
    const path = `/services/${server.superService._id}/audit`;
    expect((await server.call('GET', path)).status).toBe(403);
    const missing = await server.call('GET', '/services/none/audit', undefined, server.superService);
    expect(missing).toMatchObject({ status: 404, json: { error: { code: 1002 } } });
    for (const query of ['?limit=0', '?limit=1001', '?limit=x', '?since=-1', '?since=1e3', '?limit='])
      expect(await server.call('GET', `/services/${server.sampleService._id}/audit${query}`)).toMatchObject({
        status: 400,
        json: { error: { code: 1201 } },
      });
  });

  it('names every reply by the id that its entry has', async () => {
    const ids = new Set<string | null>();
    for (const path of ['/v1/rooms', '/nowhere', '/services', '/openapi.json'])
      ids.add((await server.send(path)).headers.get('x-request-id'));
    expect(ids.size).toBe(4);
    expect(ids.has(null)).toBe(false);
  });
});
