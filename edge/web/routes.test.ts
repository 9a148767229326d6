import { beforeEach, describe, expect, it } from 'vitest';
import type { Hono } from 'hono';
import { ScriptedRoom } from '../rooms/scripted-room.ts';
import { ScriptedServer } from '../management/scripted-server.ts';
import type { RoomDocument } from '../../schemas/room.ts';
import { fromBase64 } from '../tokens/text-codec.ts';
import { webApp, type WebDeps } from './routes.ts';

const body = (text: string) => new TextEncoder().encode(text);
const files = new Map([
  ['/index.html', { body: body('<p>'), type: 'text/html; charset=utf-8', etag: '"1"' }],
  ['/app-ABCDEF12.js', { body: body('1'), type: 'text/javascript; charset=utf-8', etag: '"2"' }],
  ['/console/index.html', { body: body('<b>'), type: 'text/html; charset=utf-8', etag: '"3"' }],
]);
let server: ScriptedServer;
let app: Hono;

function build(more: Partial<WebDeps> = {}): Hono {
  const { audit, sampleRoom } = server;
  const { directory, rooms, tokens, clock, random, log } = server;
  const service = server.sampleService._id;
  return webApp({
    directory,
    jobs: server.deps.jobs,
    rooms,
    tokens,
    clock,
    random,
    log,
    audit,
    sampleRoom,
    service,
    assets: files,
    portalFor: (_origin, requested) => Promise.resolve(requested),
    ...more,
  });
}
beforeEach(async () => {
  server = await ScriptedServer.start();
  app = build();
});
const send = (method: string, path: string, json?: unknown, on = app) =>
  server.send(
    path,
    json === undefined
      ? { method }
      : { method, headers: { 'content-type': 'application/json' }, body: JSON.stringify(json) },
    on,
  );

describe('the sample’s open interface', () => {
  it('gives tokens for its own room, or another of its service', async () => {
    const reply = await send('POST', '/tokens', { user: 'user', role: 'presenter' });
    expect(reply.status).toBe(200);
    expect(reply.headers.get('access-control-allow-origin')).toBe('*');
    expect(await server.tokens.redeem(reply.text)).toMatchObject({
      room: server.sampleRoom,
      user: 'user',
      role: 'presenter',
      origin: { isp: 'isp', region: 'region' },
    });
    const { _id } = (await send('POST', '/rooms', { name: 'mine' })).json as RoomDocument;
    const mine = await send('POST', '/tokens/', { room: _id, user: 'user', role: 'viewer' });
    expect(await server.tokens.redeem(mine.text)).toMatchObject({ room: _id, role: 'viewer' });
    const empty = await send('POST', '/createToken', { room: '', username: 'old', role: 'viewer' });
    expect(await server.tokens.redeem(empty.text)).toMatchObject({ room: server.sampleRoom, user: 'old' });
  });

  it('asks for an edge of the place that its own edge serves', async () => {
    const asked: unknown[] = [];
    const eastern = build({
      origin: { isp: 'beta', region: 'east' },
      portalFor: (origin, requested) => {
        asked.push(origin);
        return Promise.resolve(requested);
      },
    });
    const { text } = await send('POST', '/tokens', { user: 'u', role: 'viewer' }, eastern);
    expect(asked).toEqual([{ isp: 'beta', region: 'east' }]);
    expect(await server.tokens.redeem(text)).toMatchObject({ origin: { isp: 'beta', region: 'east' } });
  });

  it('names in a token the address by which it was reached itself, or the configured one', async () => {
    const asked = { user: 'u', role: 'viewer' };
    const host = async (url: string, on = app) =>
      JSON.parse(fromBase64((await send('POST', url, asked, on)).text)) as unknown;
    expect(await host('http://192.0.2.7:3000/tokens')).toMatchObject({
      host: '192.0.2.7:3000',
      secure: false,
    });
    expect(await host('https://edge/tokens')).toMatchObject({ host: 'edge:443', secure: true });
    const configured = build({ portalFor: () => Promise.resolve({ host: 'edge:3004', secure: true }) });
    expect(await host('http://x/tokens', configured)).toMatchObject({ host: 'edge:3004', secure: true });
  });

  it('passes failures on with their status and JSON', async () => {
    const noName = { status: 400, json: { error: { code: 1201, message: 'Name or role not valid' } } };
    expect(await send('POST', '/tokens', { role: 'presenter' })).toMatchObject(noName);
    expect(await send('POST', '/tokens', { user: 'u', role: 'king' })).toMatchObject(noName);
    expect(await send('POST', '/tokens', { user: { a: 1 }, role: 'viewer' })).toMatchObject(noName);
    const stranger = { user: 'u', role: 'viewer', room: 'nowhere' };
    const missing = { status: 404, json: { error: { code: 1003, message: 'Room not found' } } };
    expect(await send('POST', '/tokens', stranger)).toMatchObject(missing);
    expect(await send('GET', '/rooms/nowhere/streams')).toMatchObject(missing);
    expect(await send('POST', '/rooms', {})).toMatchObject({ status: 400, json: { error: { code: 1201 } } });
  });

  it('gives no tokens for rooms of other services', async () => {
    const { _id } = server.superService;
    const { json } = await server.call('POST', '/v1/rooms', { name: 'r' }, { ...server.superService, _id });
    const room = (json as RoomDocument)._id;
    expect((await send('POST', '/tokens', { user: 'u', role: 'viewer', room })).status).toBe(404);
    expect((await send('DELETE', `/rooms/${room}`)).status).toBe(404);
  });

  it('limits how many tokens a flood can have', async () => {
    const limited = build({ tokenLimit: 3 });
    const ask = () => send('POST', '/tokens', { user: 'u', role: 'viewer' }, limited);
    const statuses = [];
    for (let i = 0; i < 5; i++) statuses.push((await ask()).status);
    expect(statuses).toEqual([200, 200, 200, 500, 500]);
    server.clock.time += 10_000;
    expect((await ask()).status).toBe(200);
  });

  it('passes rooms and what is below them through, but for tokens and analytics', async () => {
    server.goLive().join('alice').stream('alice', 's1');
    const room = `/rooms/${server.sampleRoom}`;
    expect((await send('GET', '/rooms')).json).toMatchObject([{ _id: server.sampleRoom }]);
    expect((await send('GET', `${room}/participants/alice`)).json).toMatchObject({ id: 'alice' });
    expect((await send('GET', `${room}/streams/`)).json).toMatchObject([
      { id: 's1', media: { video: { format: { codec: 'vp8' } } } },
    ]);
    const mute = [{ op: 'replace', path: '/media/audio/status', value: 'inactive' }];
    expect((await send('PATCH', `${room}/streams/s1`, mute)).json).toMatchObject({
      media: { audio: { status: 'inactive' } },
    });
    for (const resource of ['streaming-ins', 'streaming-outs', 'recordings', 'sipcalls'])
      expect((await send('GET', `${room}/${resource}`)).json).toEqual([]);
    expect((await send('PUT', room, { inputLimit: 5 })).json).toMatchObject({ inputLimit: 5 });
    expect((await send('GET', `${room}/analytics`)).status).toBe(404);
    expect((await send('POST', `${room}/tokens`, { user: 'u', role: 'viewer' })).status).toBe(404);
    expect(await send('DELETE', `${room}/participants/alice`)).toMatchObject({ status: 200, text: '' });
  });

  it('takes streaming-ins as the page and as the management interface write them', async () => {
    server.goLive();
    const list = `/rooms/${server.sampleRoom}/streaming-ins`;
    const media = { audio: 'auto', video: true };
    const refused = (message: RegExp) => ({
      status: 500,
      json: { error: { code: 1301, message: expect.stringMatching(message) as string } },
    });
    for (const body of [
      { url: 'rtsp://h/1', transport: { protocol: 'udp', bufferSize: 2048 }, media },
      { url: 'rtsp://h/1', media },
      { connection: { url: 'rtsp://h/1' }, media },
    ]) {
      expect(await send('POST', list, body)).toMatchObject(refused(/^No worker for streaming$/));
    }
    expect(await send('POST', list, { url: 'file:///x', media })).toMatchObject(refused(/Invalid URL/));
    const managed = `/v1/rooms/${server.sampleRoom}/streaming-ins`;
    expect(await server.call('POST', managed, { url: 'rtsp://h/1', media })).toMatchObject(
      refused(/connection/),
    );
  });

  it('mixes and lays out as an OWT sample page asks for it', async () => {
    const room = ScriptedRoom.mixing();
    server.goLive(room).join('alice').stream('alice', 's1').stream('alice', 's2');
    const streams = `/rooms/${server.sampleRoom}/streams`;
    // The page finds the mixed stream in the list, and puts what is published into its view.
    const [mixed] = (await send('GET', `${streams}/`)).json as { id: string; type: string }[];
    expect(mixed).toMatchObject({ id: `${room.state.id}-common`, type: 'mixed', info: { label: 'common' } });
    const add = [{ op: 'add', path: '/info/inViews', value: 'common' }];
    for (const id of ['s1', 's2'])
      expect(await send('PATCH', `${streams}/${id}`, add)).toMatchObject({
        status: 200,
        json: { id, info: { inViews: ['common'] } },
      });
    const swapped = await send('PATCH', `${streams}/${mixed?.id}`, [
      { op: 'replace', path: '/info/layout/0/stream', value: 's2' },
    ]);
    expect(swapped.json).toMatchObject({
      media: { video: { format: { codec: 'vp8' } } },
      info: { layout: [{ stream: 's2' }, { stream: 's1' }, {}, {}] },
    });
    const nowhere = [{ op: 'add', path: '/info/inViews', value: 'nowhere' }];
    expect(await send('PATCH', `${streams}/s1`, nowhere)).toMatchObject({
      status: 500,
      json: { error: { code: 1301, message: 'Invalid view' } },
    });
    expect((await send('PATCH', `${streams}/s1`, { op: 'add' })).status).toBe(400);
    expect((await send('GET', `/rooms/${server.sampleRoom}/mixers`)).json).toEqual([]);
  });

  it('answers preflights, PUT included', async () => {
    const reply = await send('OPTIONS', '/rooms/x');
    expect(reply.status).toBe(200);
    expect(reply.headers.get('access-control-allow-methods')).toContain('PUT');
  });

  it('can be switched off, leaving the pages', async () => {
    const closed = build({ enabled: false });
    expect((await send('POST', '/tokens', { user: 'u', role: 'viewer' }, closed)).status).toBe(404);
    expect((await send('GET', '/rooms', undefined, closed)).status).toBe(404);
    expect((await send('GET', '/', undefined, closed)).status).toBe(200);
  });
});

describe('static pages', () => {
  it('serves the index page with a strict policy, to be asked for anew', async () => {
    const reply = await send('GET', 'http://edge:3000/');
    expect(reply).toMatchObject({ status: 200, text: '<p>' });
    expect(Object.fromEntries(reply.headers)).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-cache',
      'x-content-type-options': 'nosniff',
      etag: '"1"',
    });
    const policy = reply.headers.get('content-security-policy') ?? '';
    expect(policy).toContain("default-src 'none'; script-src 'self'; style-src 'self'");
    expect(policy).toContain("connect-src 'self' ws://edge:3000 wss://edge:3000");
    expect(policy).not.toContain('unsafe');
    expect((await send('GET', '/console/')).text).toBe('<b>');
  });

  it('lets pages connect to other edges where there are any', async () => {
    const { headers } = await send('GET', 'http://edge:3000/', undefined, build({ otherEdges: true }));
    expect(headers.get('content-security-policy')).toContain("connect-src 'self' ws: wss:;");
  });

  it('keeps files with a hash in their name for ever', async () => {
    const { headers } = await send('GET', '/app-ABCDEF12.js');
    expect(headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
    expect(headers.get('content-type')).toBe('text/javascript; charset=utf-8');
  });

  it.each([
    ['"1"', 304],
    ['W/"1"', 304],
    ['"0", "1"', 304],
    ['*', 304],
    ['"0"', 200],
    ['', 200],
  ])('compares If-None-Match %j', async (tag, status) => {
    const reply = await server.send('/index.html', { headers: { 'if-none-match': tag } }, app);
    expect(reply).toMatchObject({ status, text: status === 304 ? '' : '<p>' });
    expect(reply.headers.get('etag')).toBe('"1"');
  });

  it('rest-api#6 answers 404 to all else', async () => {
    const missing = { status: 404, json: { error: { code: 1001, message: 'Resource not found' } } };
    for (const path of ['/nowhere', '/index.html/', '/..%2findex.html', '/Index.html', '/roomsx'])
      expect(await send('GET', path)).toMatchObject(missing);
    expect(await send('POST', '/')).toMatchObject(missing);
    expect(await send('HEAD', '/')).toMatchObject({ status: 200, text: '' });
  });
});
