import { beforeEach, describe, expect, it } from 'vitest';
import { publishCommand } from '../rooms/scripted-room.ts';
import { ScriptedServer } from './scripted-server.ts';

let server: ScriptedServer;
beforeEach(async () => {
  server = await ScriptedServer.start();
});
const call = (method: string, below = '', body?: unknown, version = 'v1') =>
  server.call(method, `/${version}/rooms/${server.sampleRoom}/streams${below}`, body);
const status = (kind: string, value: string) => [{ op: 'replace', path: `/media/${kind}/status`, value }];
const missing = { status: 404, json: { error: { code: 1004, message: 'Stream not found' } } };

describe('streams', () => {
  it('rest-api#21 of an idle room are none', async () => {
    expect(await call('GET')).toMatchObject({ status: 200, json: [] });
    for (const method of ['GET', 'DELETE']) expect(await call(method, '/s1')).toMatchObject(missing);
    expect(await call('PATCH', '/s1', status('audio', 'active'))).toMatchObject(missing);
  });

  it('rest-api#30 differ between v1 and v1.1 in their video only', async () => {
    const room = server.goLive().join('alice').stream('alice', 's1');
    room.run(publishCommand('alice', 's2'));
    const stream = {
      id: 's1',
      type: 'forward',
      media: { audio: { status: 'active', format: { codec: 'opus' } } },
      info: { owner: 'alice', type: 'webrtc', inViews: [] },
    };
    const [v1, v11] = [await call('GET'), await call('GET', '', undefined, 'v1.1')];
    expect(v1.json).toMatchObject([{ ...stream, media: { video: { format: { codec: 'vp8' } } } }]);
    expect(v11.json).toMatchObject([
      { ...stream, media: { video: { original: [{ format: { codec: 'vp8' } }] } } },
    ]);
    expect(v1.json).toHaveLength(1);
    expect(v1.text + v11.text).not.toContain('tracks');
    expect((await call('GET', '/s1')).json).toEqual((v1.json as unknown[])[0]);
  });

  it('are muted and unmuted, in the order asked', async () => {
    server.goLive().join('alice').stream('alice', 's1');
    const muted = await call('PATCH', '/s1', [
      ...status('audio', 'inactive'),
      ...status('video', 'inactive'),
      ...status('video', 'active'),
    ]);
    expect(muted).toMatchObject({
      status: 200,
      json: { id: 's1', media: { audio: { status: 'inactive' }, video: { status: 'active' } } },
    });
    expect((await call('PATCH', '/s1', status('audio', 'inactive'))).status).toBe(200);
  });

  it('without a track of that kind cannot be muted', async () => {
    server.goLive().join('alice').stream('alice', 's1', ['audio']);
    expect(await call('PATCH', '/s1', status('video', 'inactive'))).toMatchObject({
      status: 500,
      json: { error: { code: 1301, message: 'Track does NOT exist' } },
    });
  });

  it.each([
    ['a view', [{ op: 'add', path: '/info/inViews', value: 'common' }]],
    ['a layout', [{ op: 'replace', path: '/info/layout', value: [] }]],
    [
      'a view beside a status',
      [...status('audio', 'inactive'), { op: 'remove', path: '/info/inViews', value: 'common' }],
    ],
  ])('say that nothing can mix yet, when asked for %s', async (_, patch) => {
    server.goLive().join('alice').stream('alice', 's1');
    expect(await call('PATCH', '/s1', patch)).toMatchObject({
      status: 500,
      json: { error: { code: 1301, message: 'No worker for video' } },
    });
    expect(server.commands).toEqual([]);
  });

  it.each([
    ['no list', { op: 'replace' }],
    ['an unknown path', [{ op: 'replace', path: '/id', value: 'x' }]],
    ['an unknown status', status('audio', 'loud')],
    ['a fourth member', [{ ...status('audio', 'active')[0], from: '' }]],
  ])('are not changed by %s', async (_, patch) => {
    server.goLive().join('alice').stream('alice', 's1');
    expect(await call('PATCH', '/s1', patch)).toMatchObject({ status: 400, json: { error: { code: 1201 } } });
  });

  it('are ended, by either name, with an empty reply', async () => {
    const room = server.goLive().join('alice').stream('alice', 's1').stream('alice', 's2');
    expect(await call('DELETE', '/s1')).toMatchObject({ status: 200, text: '' });
    const streamingIn = `/v1/rooms/${server.sampleRoom}/streaming-ins/s2`;
    expect(await server.call('DELETE', streamingIn)).toMatchObject({ status: 200, text: '' });
    expect(room.state.streams.size).toBe(0);
    expect(await call('DELETE', '/s1')).toMatchObject(missing);
  });
});

describe('what the server itself sends or takes in', () => {
  it.each(['recordings', 'streaming-ins', 'streaming-outs', 'sipcalls', 'analytics'])(
    'rest-api#21 %s are none, and refused honestly',
    async (resource) => {
      const path = `/v1/rooms/${server.sampleRoom}/${resource}`;
      expect(await server.call('GET', path)).toMatchObject({ status: 200, json: [] });
      expect(await server.call('POST', path, { media: {} })).toMatchObject({
        status: 500,
        json: { error: { code: 1301, message: expect.stringMatching(/^No worker for [a-z]+$/) as string } },
      });
      expect((await server.call('DELETE', `${path}/x`)).status).toBeGreaterThanOrEqual(400);
      expect((await server.call('PATCH', `${path}/x`, [])).status).toBeGreaterThanOrEqual(400);
    },
  );
});
