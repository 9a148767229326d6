import { beforeEach, describe, expect, it } from 'vitest';
import { Hono } from 'hono';
import { SluiceError } from '../../schemas/error.ts';
import { ScriptedServer } from './scripted-server.ts';

let server: ScriptedServer;
beforeEach(async () => {
  server = await ScriptedServer.start();
});

const refused = {
  error: { code: 1101, message: 'WWW-Authenticate: MAuth realm="http://marte3.dit.upm.es"' },
};

describe('management interface', () => {
  it('rest-api#2 answers 401 with a challenge when there are no credentials, after at most a second', async () => {
    for (let i = 0; i < 20; i++) {
      const reply = await server.send('/v1/rooms');
      expect(reply).toMatchObject({ status: 401, json: refused });
      expect(reply.headers.get('www-authenticate')).toBe('MAuth realm="http://marte3.dit.upm.es"');
    }
    expect(server.clock.waits).toHaveLength(20);
    expect(Math.max(...server.clock.waits)).toBeLessThanOrEqual(1000);
    expect(Math.min(...server.clock.waits)).toBeGreaterThanOrEqual(0);
    expect(new Set(server.clock.waits).size).toBeGreaterThan(10);
  });

  it('rest-api#1 answers 401 to a signature by another key', async () => {
    const forged = { ...server.sampleService, key: 'other' };
    expect(await server.call('GET', '/v1/rooms', undefined, forged)).toMatchObject({
      status: 401,
      json: refused,
    });
    expect(await server.call('GET', '/v1/rooms')).toMatchObject({ status: 200 });
    expect(server.clock.waits).toHaveLength(1);
  });

  it('answers 401 to unknown services and to ids that are none', async () => {
    for (const _id of ['65f0c0ffee00000000000001', 'nobody', "'; drop"]) {
      const reply = await server.call('GET', '/v1/rooms', undefined, { ...server.sampleService, _id });
      expect(reply.status).toBe(401);
    }
  });

  it('rest-api#4 accepts a replayed header, unless timestamps are checked', async () => {
    const get = async (on: ScriptedServer, timestamp: string, nonce: string) => {
      const authorization = await on.header(on.sampleService, { timestamp, nonce });
      return (await on.send('/v1/rooms', { headers: { authorization } })).status;
    };
    expect(await get(server, '1000', 'a')).toBe(200);
    expect(await get(server, '1000', 'a')).toBe(200);
    const strict = await ScriptedServer.start({ timestampCheck: true });
    expect(await get(strict, '1000', 'a')).toBe(200);
    expect(await get(strict, '1000', 'a')).toBe(401);
    expect(await get(strict, '999', 'b')).toBe(401);
    expect(await get(strict, '1000', 'c')).toBe(200);
    expect(await get(strict, 'soon', 'd')).toBe(401);
    expect(await get(strict, '1001', 'a')).toBe(200);
  });

  it('rest-api#4 a replay refused by timestamp does not spend the newer timestamps', async () => {
    const strict = await ScriptedServer.start({ timestampCheck: true });
    const forged = { ...strict.sampleService, key: 'other' };
    const late = await strict.header(forged, { timestamp: '9999999999999', nonce: 'x' });
    expect((await strict.send('/v1/rooms', { headers: { authorization: late } })).status).toBe(401);
    expect((await strict.call('GET', '/v1/rooms')).status).toBe(200);
  });

  it('rest-api#5 answers OPTIONS to anyone, with the headers every reply carries', async () => {
    for (const path of ['/v1/rooms', '/services', '/v1/anything']) {
      const reply = await server.send(path, { method: 'OPTIONS' });
      expect(reply).toMatchObject({ status: 200, text: '' });
    }
    for (const path of ['/v1/rooms', '/nowhere']) {
      const { headers } = await server.send(path);
      expect(Object.fromEntries(headers)).toMatchObject({
        'access-control-allow-origin': '*',
        'access-control-allow-methods': 'POST, GET, OPTIONS, DELETE, PATCH, PUT',
        'access-control-allow-headers': 'origin, authorization, content-type',
        'strict-transport-security': 'max-age=1024000; includeSubDomain',
        'x-content-type-options': 'nosniff',
      });
    }
  });

  it('answers HEAD as GET without a body, and OPTIONS without looking at anything', async () => {
    const path = `/v1/rooms/${server.sampleRoom}`;
    expect((await server.send(path, { method: 'HEAD' })).status).toBe(401);
    const reply = await server.call('HEAD', path);
    expect(reply).toMatchObject({ status: 200, text: '' });
    expect(reply.headers.get('content-type')).toContain('application/json');
    expect((await server.call('HEAD', '/v1/rooms/none')).status).toBe(404);
    const broken = { method: 'OPTIONS', headers: { 'content-type': 'application/json' } };
    for (const each of ['/cluster/rooms', '/services/x/audit', '/v1.1/stream-engine/nodes', '/nowhere'])
      expect(await server.send(each, broken)).toMatchObject({ status: 200, text: '' });
  });

  it('rest-api#6 answers 404 to unknown paths, asking for credentials only below the known ones', async () => {
    const unknown = { status: 404, json: { error: { code: 1001, message: 'Resource not found' } } };
    for (const path of ['/nowhere', '/', '/v1', '/v1/nowhere', '/v2/rooms'])
      expect(await server.send(path)).toMatchObject(unknown);
    expect((await server.send('/v1/rooms/x/nowhere')).status).toBe(401);
    expect((await server.send('/v1.1/stream-engine/nodes')).status).toBe(401);
    const room = server.sampleRoom;
    expect(await server.call('GET', `/v1/rooms/${room}/nowhere`)).toMatchObject(unknown);
    expect(await server.call('PUT', '/v1/rooms')).toMatchObject(unknown);
    for (const path of ['/v1.1/stream-engine', '/v1.1/stream-engine/nodes'])
      expect(await server.call('GET', path)).toMatchObject({
        status: 404,
        json: { error: { code: 1001, message: 'The stream engine is not offered' } },
      });
  });

  it('rest-api#7 answers 400 to broken JSON, before credentials are looked at', async () => {
    const broken = { status: 400, json: { error: { code: 1201, message: 'Failed to parse JSON body' } } };
    const headers = { 'content-type': 'application/json; charset=utf-8' };
    for (const body of ['{"name":', '5', '"text"'])
      expect(await server.send('/v1/rooms', { method: 'POST', headers, body })).toMatchObject(broken);
  });

  it('answers 413 over 100 kB, announced or not', async () => {
    const body = `{"name":"${'x'.repeat(102_400)}"}`;
    const tooLarge = { status: 413, json: { error: { code: 1201 } } };
    expect(await server.send('/v1/rooms', { method: 'POST', body })).toMatchObject(tooLarge);
    const chunks = new ReadableStream<Uint8Array>({
      pull: (controller) => controller.enqueue(new Uint8Array(10_000).fill(32)),
    });
    const endless = { method: 'POST', body: chunks, duplex: 'half' } as RequestInit;
    expect(await server.send('/v1/rooms', endless)).toMatchObject(tooLarge);
    const fits = `{"name":"${'x'.repeat(102_400 - 11)}"}`;
    expect((await server.send('/v1/rooms', { method: 'POST', body: fits })).status).toBe(401);
  });

  it('reads url-encoded bodies', async () => {
    const headers = {
      authorization: await server.header(server.sampleService),
      'content-type': 'application/x-www-form-urlencoded',
    };
    const reply = await server.send('/v1/rooms', { method: 'POST', headers, body: 'name=a+room%21' });
    expect(reply).toMatchObject({ status: 200, json: { name: 'a room!' } });
  });

  it('rest-api#15 takes paths in any case and with a slash at the end, alone and inside another app', async () => {
    const parent = new Hono();
    parent.route('/', server.app);
    parent.get('*', (c) => c.text('page'));
    for (const path of ['/v1/rooms', '/v1/rooms/', '/V1/Rooms', `/v1/ROOMS/${server.sampleRoom}/Streams/`]) {
      const headers = { authorization: await server.header(server.sampleService) };
      expect(await server.send(path, { headers })).toMatchObject({ status: 200 });
      expect(await server.send(path, { headers }, parent)).toMatchObject({ status: 200 });
    }
    expect(await server.send('/index.html', {}, parent)).toMatchObject({ status: 200, text: 'page' });
    expect(await server.send('/v1x', {}, parent)).toMatchObject({ status: 200, text: 'page' });
  });

  it('rest-api#30 shows rooms and their parts alike in v1 and v1.1', async () => {
    server.goLive().join('alice');
    for (const below of ['', '/participants', '/recordings', '/analytics', '/streaming-outs']) {
      const path = `/rooms/${server.sampleRoom}${below}`;
      const [v1, v11] = [await server.call('GET', `/v1${path}`), await server.call('GET', `/v1.1${path}`)];
      expect(v1.status).toBe(200);
      expect(v11.text).toBe(v1.text);
    }
  });

  it('hides passwords inside URLs in what goes wrong outside', async () => {
    const message = 'cannot open rtsp://admin:hidden@cam.example/1';
    server.directory.rooms = () => Promise.reject(new SluiceError('operation-failed', message));
    expect((await server.call('GET', '/v1/rooms')).json).toEqual({
      error: { code: 1301, message: 'cannot open rtsp://admin:***@cam.example/1' },
    });
  });

  it('hides and logs what goes wrong inside', async () => {
    server.directory.rooms = () => Promise.reject(new Error('disk on fire'));
    const reply = await server.call('GET', '/v1/rooms');
    expect(reply).toMatchObject({ status: 500, json: { error: { code: 2001, message: 'Internal error' } } });
    expect(server.errors).toEqual(['Request failed']);
  });
});
