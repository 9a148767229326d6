import { beforeEach, describe, expect, it } from 'vitest';
import { publishCommand, ScriptedRoom } from '../rooms/scripted-room.ts';
import { ScriptedServer } from './scripted-server.ts';

let server: ScriptedServer;
beforeEach(async () => {
  server = await ScriptedServer.start();
});
const call = (method: string, below = '', body?: unknown, version = 'v1') =>
  server.call(method, `/${version}/rooms/${server.sampleRoom}/streams${below}`, body);
const status = (kind: string, value: string) => [{ op: 'replace', path: `/media/${kind}/status`, value }];
const mute = status('audio', 'inactive');
const add = (value: string) => ({ op: 'add', path: '/info/inViews', value });
const remove = (value: string) => ({ op: 'remove', path: '/info/inViews', value });
const layout = (value: unknown) => ({ op: 'replace', path: '/info/layout', value });
const place = (index: number, value: string) => ({
  op: 'replace',
  path: `/info/layout/${index}/stream`,
  value,
});
/** The left half of the picture, as "1" or another. */
const half = (id: string) => ({
  id,
  shape: 'rectangle',
  area: { left: '0', top: '0', width: '1/2', height: '1' },
});
const failed = (message: string) => ({ status: 500, json: { error: { code: 1301, message } } });
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
    ['common', 'video'],
    ['sound', 'audio'],
  ])('say that nothing can mix, when asked for view %s', async (view, kind) => {
    const views = [{}, { label: 'sound', video: false }];
    server.goLive(ScriptedRoom.open({ views })).join('alice').stream('alice', 's1');
    expect(await call('PATCH', '/s1', [...mute, add(view)])).toMatchObject(failed(`No worker for ${kind}`));
    expect(server.commands).toEqual([]);
    expect((await call('GET', '/s1')).json).toMatchObject({ info: { inViews: [] } });
  });

  it('of a room without views cannot be mixed', async () => {
    server
      .goLive(ScriptedRoom.mixing({ views: [] }))
      .join('alice')
      .stream('alice', 's1');
    expect(await call('PATCH', '/s1', [add('common')])).toMatchObject(failed('Mixing is not available'));
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

  it('rest-api#25 are not changed by a broken layout', async () => {
    const { room, mixedId } = mixing('s1', 's2');
    const before = (await call('GET', `/${mixedId}`)).json;
    const { seq } = room.state;
    for (const value of [
      [{ region: half('1') }, { stream: 's1', region: half('2') }],
      [
        { stream: 's1', region: half('1') },
        { stream: 's1', region: half('2') },
      ],
      [{ region: half('1') }, { region: half('1') }],
      [{ region: { ...half('1'), area: { ...half('1').area, left: '0.5' } } }],
    ]) {
      expect(await call('PATCH', `/${mixedId}`, [layout(value)])).toMatchObject({
        status: 400,
        json: { error: { code: 1201 } },
      });
    }
    expect((await call('GET', `/${mixedId}`)).json).toEqual(before);
    expect(room.state.seq).toBe(seq);
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

/** A live room that mixes; alice's `streams` are in its view `common`. */
function mixing(...streams: readonly string[]) {
  const room = ScriptedRoom.mixing({ views: [{}, { label: 'sound', video: false }] });
  server.goLive(room).join('alice');
  for (const stream of streams) {
    room.stream('alice', stream);
    room.run({ type: 'mix', actor: 'server', stream, view: 'common' });
  }
  return { room, mixedId: `${room.state.id}-common` };
}

interface Shown {
  readonly stream?: string;
  readonly region: { readonly id: string };
}
/** Who is in which region, e.g. `1:s1 2:`. */
const shown = (json: unknown) =>
  (json as { info: { layout: readonly Shown[] } }).info.layout
    .map(({ stream = '', region }) => `${region.id}:${stream}`)
    .join(' ');

describe('mixed streams', () => {
  it('room-model#5 stand first in the lists, one a view, each in its version’s form', async () => {
    const { room } = mixing('s1');
    const { id } = room.state;
    const common = {
      id: `${id}-common`,
      type: 'mixed',
      data: null,
      info: { label: 'common', activeInput: 'unknown', layout: [{ stream: 's1', region: { id: '1' } }] },
    };
    const video = { format: { codec: 'vp8' }, parameters: { resolution: { width: 640, height: 480 } } };
    const [v1, v11] = [(await call('GET')).json, (await call('GET', '', undefined, 'v1.1')).json];
    const sound = { id: `${id}-sound`, info: { label: 'sound', layout: [] } };
    expect(v1).toMatchObject([
      { ...common, media: { audio: { status: 'active' }, video } },
      sound,
      { id: 's1', info: { inViews: ['common'] } },
    ]);
    expect(v11).toMatchObject([{ ...common, media: { video: { original: [video] } } }, sound, { id: 's1' }]);
    expect((v1 as { media: object }[])[1]?.media).not.toHaveProperty('video');
    expect((await call('GET', `/${id}-common`)).json).toEqual((v1 as unknown[])[0]);
  });

  it('rest-api#24 take a stream once however often it is added, and let it go again', async () => {
    const { room, mixedId } = mixing('s1');
    room.stream('alice', 's2');
    for (let times = 0; times < 2; times++)
      expect(await call('PATCH', '/s2', [add('common')])).toMatchObject({
        status: 200,
        json: { id: 's2', info: { inViews: ['common'] } },
      });
    expect(shown((await call('GET', `/${mixedId}`)).json)).toBe('1:s1 2:s2 3: 4:');
    for (let times = 0; times < 2; times++)
      expect(await call('PATCH', '/s2', [remove('common')])).toMatchObject({
        status: 200,
        json: { info: { inViews: [] } },
      });
    expect(shown((await call('GET', `/${mixedId}`)).json)).toBe('1:s1');
  });

  it('rest-api#24 that do not exist take nothing', async () => {
    mixing('s1');
    for (const wish of [add('nowhere'), remove('nowhere')])
      expect(await call('PATCH', '/s1', [wish])).toMatchObject(failed('Invalid view'));
    expect((await call('GET', '/s1')).json).toMatchObject({ info: { inViews: ['common'] } });
  });

  it('take several views and a mute in one request, the mute last', async () => {
    const { room } = mixing();
    room.stream('alice', 's1');
    const reply = await call('PATCH', '/s1', [...mute, add('common'), add('sound'), remove('common')]);
    expect(reply).toMatchObject({
      status: 200,
      json: { info: { inViews: ['sound'] }, media: { audio: { status: 'inactive' } } },
    });
    expect(server.commands.map(({ type }) => type)).toEqual(['mix', 'mix', 'unmix', 'set-stream-status']);
  });

  it('keep what was done before an operation that fails, and nothing after it', async () => {
    const { room } = mixing();
    room.stream('alice', 's1');
    const reply = await call('PATCH', '/s1', [add('common'), add('nowhere'), add('sound'), ...mute]);
    expect(reply).toMatchObject(failed('Invalid view'));
    expect((await call('GET', '/s1')).json).toMatchObject({
      info: { inViews: ['common'] },
      media: { audio: { status: 'active' } },
    });
  });

  it('room-model#22 take a whole layout: the named first, the others in order, the rest hidden', async () => {
    const { mixedId } = mixing('s1', 's2', 's3', 's4');
    const regions = ['a', 'b', 'c'].map((id) => ({ region: { ...half('x'), id } }));
    const value = regions.map((entry, index) => (index === 0 ? { stream: 's3', ...entry } : entry));
    const reply = await call('PATCH', `/${mixedId}`, [layout(value)]);
    expect(reply.status).toBe(200);
    expect(shown(reply.json)).toBe('a:s3 b:s1 c:s2');
    expect(reply.text).toContain('{"left":"0/1","top":"0/1","width":"1/2","height":"1/1"}');
    expect((await call('GET', '/s4')).json).toMatchObject({ info: { inViews: ['common'] } });
  });

  it('room-model#19 exchange two streams by the index of a region', async () => {
    const { mixedId } = mixing('s1', 's2', 's3');
    const reply = await call('PATCH', `/${mixedId}`, [place(0, 's3')]);
    expect(reply.status).toBe(200);
    expect(shown(reply.json)).toBe('1:s3 2:s2 3:s1 4:');
  });

  it('find an index in the layout that the operations before it left', async () => {
    const { mixedId } = mixing('s1', 's2');
    const reply = await call('PATCH', `/${mixedId}`, [
      layout([{ region: half('left') }, { region: { ...half('right') } }]),
      place(1, 's1'),
    ]);
    expect(shown(reply.json)).toBe('left:s2 right:s1');
  });

  it.each([
    ['an empty region', [place(3, 's1')], 'Invalid region_id.'],
    ['a region beyond the last', [place(4, 's1')], 'Invalid region'],
    ['a stream that is not there', [place(0, 's9')], 'Stream does NOT exist'],
    ['a stream that is not mixed', [place(0, 'other')], 'Invalid input stream_id.'],
    [
      'a layout with an unknown stream',
      [layout([{ stream: 's9', region: half('1') }])],
      'Invalid input stream id',
    ],
    ['a mute', mute, 'Stream is Mixed'],
    ['being mixed', [add('common')], 'Stream is Mixed'],
  ])('refuse %s and stay as they are', async (_, patch, message) => {
    const { room, mixedId } = mixing('s1', 's2', 's3');
    room.stream('alice', 'other');
    const before = (await call('GET', `/${mixedId}`)).json;
    expect(await call('PATCH', `/${mixedId}`, patch)).toMatchObject(failed(message));
    expect((await call('GET', `/${mixedId}`)).json).toEqual(before);
  });

  it.each([[[layout([{ region: half('1') }])]], [[place(0, 's1')]]])(
    'alone have a layout: %j on another is refused',
    async (patch) => {
      mixing('s1');
      expect(await call('PATCH', '/s1', patch)).toMatchObject(failed('Not mixed stream'));
    },
  );

  it('cannot be deleted', async () => {
    const { mixedId } = mixing();
    expect((await call('DELETE', `/${mixedId}`)).status).toBe(500);
    expect((await call('GET', `/${mixedId}`)).status).toBe(200);
  });
});

describe('mixers', () => {
  const path = () => `/v1/rooms/${server.sampleRoom}/mixers`;

  it('of an idle room, and of one that mixes nothing, are none', async () => {
    expect(await server.call('GET', path())).toMatchObject({ status: 200, json: [] });
    mixing();
    expect(await server.call('GET', path())).toMatchObject({ status: 200, json: [] });
  });

  it('are shown as their worker tells of them, in both versions', async () => {
    mixing();
    const calm = { p50: 1, p99: 2 };
    server.mixers = [
      { kind: 'audio', id: 'm', rebuilds: 0, mixMs: calm, addedMs: calm, missed: 0, inputs: [], outputs: [] },
    ];
    expect((await server.call('GET', path())).json).toEqual(server.mixers);
    expect((await server.call('GET', path().replace('v1', 'v1.1'))).json).toEqual(server.mixers);
    expect((await server.call('GET', path(), undefined, server.superService)).status).toBe(404);
  });
});
