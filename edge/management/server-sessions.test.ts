// Owns the tests of what the server itself takes in, sends, records, analyses and dials, as an application asks for it.
import { afterEach, describe, expect, it } from 'vitest';
import type { Purpose, ReportItem } from '../../schemas/worker.ts';
import { createSessionScene, type SessionScene } from './scripted-sessions.ts';

const sip = { sipServer: 's', username: 'u', password: 'p' };
const every: Purpose[] = ['webrtc', 'audio', 'video', 'recording', 'streaming', 'analytics', 'sip'];
const streamingIn = { connection: { url: 'rtsp://cam.example/1' }, media: { audio: 'auto', video: true } };
const refused = (status: number, code: number, message: RegExp | string) => ({
  status,
  json: { error: { code, message: expect.stringMatching(message) as string } },
});
const failed = (message: string | RegExp) => refused(500, 1301, message);
const bad = (message: string | RegExp) => refused(400, 1201, message);

let stage: SessionScene;
afterEach(() => stage.close());

async function start(options: Record<string, unknown> = {}): Promise<string> {
  stage = await createSessionScene(options);
  return `${stage.scene.room}-common`;
}

/** A body for each resource, of the mixed stream. */
function bodies(common: string): readonly (readonly [resource: string, body: unknown, purpose: Purpose])[] {
  const audio = { from: common };
  const video = { from: common };
  return [
    ['streaming-ins', streamingIn, 'streaming'],
    ['streaming-outs', { url: 'rtmp://live.example/app/key', media: { audio: false, video } }, 'streaming'],
    ['recordings', { media: { audio, video } }, 'recording'],
    ['analytics', { algorithm: 'faces', media: { audio: false, video } }, 'analytics'],
    [
      'sipcalls',
      { peerURI: 'sip:bob@phone.example', mediaIn: { audio: true, video: true }, mediaOut: { audio, video } },
      'sip',
    ],
  ];
}

describe('without anything that could do it', () => {
  it('rest-api#21 all are none, each start is refused at once, and no room is opened for it', async () => {
    const common = await start({ sip });
    await stage.worker('w1', ['webrtc', 'audio', 'video']);
    for (const [resource, body, purpose] of bodies(common)) {
      expect(await stage.call('GET', stage.path(resource))).toMatchObject({ status: 200, json: [] });
      const posted = await stage.call('POST', stage.path(resource), body);
      expect(posted, resource).toMatchObject(failed(`No worker for ${purpose}`));
      expect(await stage.call('DELETE', stage.path(`${resource}/x`))).toMatchObject({ status: 404 });
    }
    expect(stage.rooms.all()).toEqual([]);
  });

  it('nothing of a start is left in a room whose worker is gone by then, and the room closes when it is idle', async () => {
    const common = await start({ sip });
    await stage.worker('w1', ['webrtc', 'audio', 'video']);
    const served = { ...stage.rooms, serves: () => Promise.resolve(true) };
    Object.assign(stage.rooms, served);
    for (const [resource, body, purpose] of bodies(common)) {
      const posted = await stage.call('POST', stage.path(resource), body);
      expect(posted, resource).toMatchObject(failed(`No worker for ${purpose}`));
    }
    const state = stage.rooms.find(stage.scene.room)?.state;
    for (const map of [state?.transports, state?.streams, state?.subscriptions, state?.participants]) {
      expect(map?.size).toBe(0);
    }
    await stage.scene.clock.advance(31_000);
    expect(stage.rooms.all()).toEqual([]);
  });

  it('an analyser that knows the algorithm is needed', async () => {
    const common = await start();
    await stage.worker('w1', every, true, ['faces']);
    const body = { algorithm: 'cars', media: { audio: false, video: { from: common } } };
    expect(await stage.call('POST', stage.path('analytics'), body)).toMatchObject(
      failed(/^No worker for analytics/),
    );
  });
});

describe('a streaming-in', () => {
  it('is a stream of type streaming once it is up, in both forms, and is mixed like others', async () => {
    const common = await start();
    const worker = await stage.worker('w1', every);
    const body = {
      type: 'webrtc',
      connection: { url: 'rtsp://u:secret@cam.example/1', transportProtocol: 'udp', bufferSize: 2048 },
      media: { audio: 'auto', video: true },
      attributes: { place: 'door' },
    };
    const reply = await stage.call('POST', stage.path('streaming-ins'), body);
    expect(reply).toMatchObject({
      status: 200,
      json: {
        type: 'forward',
        info: { owner: 'admin', type: 'streaming', inViews: [], attributes: { place: 'door' } },
        media: {
          audio: { status: 'active', source: 'streaming', format: { codec: 'opus' } },
          video: { status: 'active', source: 'streaming', format: { codec: 'h264' } },
        },
      },
    });
    expect(worker.documents.at(-1)?.transports).toMatchObject([
      {
        participant: 'admin',
        work: {
          do: 'pull',
          url: 'rtsp://u:secret@cam.example/1',
          transportProtocol: 'udp',
          bufferBytes: 2048,
          audio: 'auto',
          video: true,
        },
        publications: [{ tracks: [{ mid: 'audio' }, { mid: 'video' }] }],
        subscriptions: [],
      },
    ]);
    const { id } = reply.json as { id: string };
    const listed = await stage.call('GET', stage.path('streams', 'v1.1'));
    expect(listed.json).toMatchObject([{ id: common }, { id, media: { video: { original: [{}] } } }]);
    expect((await stage.call('GET', stage.path('streaming-ins'))).json).toEqual([reply.json]);
    const mix = [{ op: 'add', path: '/info/inViews', value: 'common' }];
    expect(await stage.call('PATCH', stage.path(`streams/${id}`), mix)).toMatchObject({
      status: 200,
      json: { info: { inViews: ['common'] } },
    });
    expect([reply.text, ...stage.scene.lines].join()).not.toContain('secret');
  });

  it.each(['streaming-ins', 'streams'])('is ended as one of the %s, and its worker is told', async (list) => {
    await start();
    const worker = await stage.worker('w1', every);
    const { json } = await stage.call('POST', stage.path('streaming-ins'), streamingIn);
    const { id } = json as { id: string };
    expect(await stage.call('DELETE', stage.path(`recordings/${id}`))).toMatchObject(
      failed('Delete type not match'),
    );
    expect(await stage.call('DELETE', stage.path(`${list}/${id}`))).toMatchObject({ status: 200, text: '' });
    await stage.rest();
    expect(worker.documents.at(-1)?.transports).toEqual([]);
    expect((await stage.call('GET', stage.path('streaming-ins'))).json).toEqual([]);
    expect((await stage.call('DELETE', stage.path(`${list}/${id}`))).status).toBe(404);
  });

  it.each<readonly [string, unknown, RegExp]>([
    ['no URL', { connection: {}, media: streamingIn.media }, /url/],
    ['a file', { ...streamingIn, connection: { url: 'file:///etc/passwd' } }, /Invalid URL/],
    ['no scheme', { ...streamingIn, connection: { url: 'cam.example/1' } }, /Invalid URL/],
    ['no host', { ...streamingIn, connection: { url: 'rtsp:///1' } }, /Invalid URL/],
    ['a long one', { ...streamingIn, connection: { url: `rtsp://h/${'x'.repeat(3000)}` } }, /too long/],
    ['another kind of switch', { ...streamingIn, media: { audio: 'yes', video: true } }, /media.audio/],
    ['nothing', { ...streamingIn, media: { audio: false, video: false } }, /Nothing to publish/],
    ['other members', { ...streamingIn, extra: 1 }, /extra/],
    ['attributes that cannot be kept', { ...streamingIn, attributes: deep(20) }, /Invalid attributes/],
  ])('with %s is refused with the reason', async (_case, body, message) => {
    await start();
    await stage.worker('w1', every);
    const reply = await stage.call('POST', stage.path('streaming-ins'), body);
    expect(reply).toMatchObject(failed(message));
    expect((await stage.call('GET', stage.path('streams', 'v1'))).json).not.toContain('streaming');
  });

  it.each<readonly [Record<string, unknown>, string]>([
    [{ inputLimit: 0 }, 'Too many inputs'],
    [{ mediaIn: { audio: [], video: [{ codec: 'vp8' }] } }, 'Audio is forbiden'],
    [{ mediaIn: { audio: [{ codec: 'pcmu' }], video: [] } }, 'Video is forbiden'],
  ])('room-model#13 in a room with %j is refused: %s', async (options, message) => {
    await start(options);
    await stage.worker('w1', every);
    expect(await stage.call('POST', stage.path('streaming-ins'), streamingIn)).toMatchObject(failed(message));
  });

  it('that is not up in 85 s leaves nothing', async () => {
    await start();
    const worker = await stage.worker('w1', every, false);
    const pending = stage.begin('POST', stage.path('streaming-ins'), streamingIn);
    await stage.until(() => worker.documents.length > 0);
    expect(worker.documents.at(-1)?.transports).toHaveLength(1);
    // The request has begun to wait by then.
    await stage.rest();
    await stage.scene.clock.advance(84_900);
    expect(stage.rooms.find(stage.scene.room)?.state.streams.size).toBe(1);
    await stage.scene.clock.advance(200);
    expect(await stage.answered(pending)).toMatchObject(failed('Access timeout'));
    await stage.until(() => worker.documents.at(-1)?.transports.length === 0);
  });

  it('its worker cannot take in is told with the reason', async () => {
    await start();
    const worker = await stage.worker('w1', every, false);
    const pending = stage.begin('POST', stage.path('streaming-ins'), streamingIn);
    await stage.until(() => worker.documents.length > 0);
    const id = worker.documents.at(-1)?.transports[0]?.id ?? '';
    const item: ReportItem = { type: 'transport-failed', transport: id, reason: 'Connection refused' };
    await stage.answered(worker.report(stage.scene.room, [item]));
    expect(await stage.answered(pending)).toMatchObject(failed('Connection refused'));
  });

  it('whose format the room does not take is refused', async () => {
    await start({ mediaIn: { audio: [{ codec: 'pcmu' }], video: [{ codec: 'vp8' }] } });
    const worker = await stage.worker('w1', every);
    worker.formats = { audio: { codec: 'aac' } };
    expect(await stage.call('POST', stage.path('streaming-ins'), streamingIn)).toMatchObject(
      failed('Audio format unacceptable'),
    );
  });
});

function deep(levels: number): unknown {
  return levels === 0 ? 1 : { a: deep(levels - 1) };
}

/** Starts it, and what the worker is to do. */
async function posted(resource: string, body: unknown, worker: Awaited<ReturnType<SessionScene['worker']>>) {
  const reply = await stage.call('POST', stage.path(resource), body);
  expect(reply.status, reply.text).toBe(200);
  const json = reply.json as { id: string; media?: unknown };
  await stage.rest();
  const transport = worker.documents.at(-1)?.transports.find(({ id }) => id === json.id);
  return { id: json.id, json, work: transport?.work, transport };
}

describe('a streaming-out', () => {
  it('rest-api#26 to an .m3u8 is HLS with its defaults, and ftp is no protocol', async () => {
    const common = await start();
    const worker = await stage.worker('w1', every);
    const media = { audio: false, video: { from: common } };
    const { json, work } = await posted('streaming-outs', { url: 'http://h/x.m3u8', media }, worker);
    expect(work).toEqual({
      do: 'push',
      target: {
        protocol: 'hls',
        url: 'http://h/x.m3u8',
        parameters: { method: 'PUT', hlsTime: 2, hlsListSize: 5 },
      },
    });
    expect(json).toEqual({
      id: json.id,
      url: 'http://h/x.m3u8',
      media: {
        video: { from: common, format: { codec: 'h264', profile: 'CB' }, parameters: {}, status: 'active' },
      },
    });
    expect(await stage.call('POST', stage.path('streaming-outs'), { url: 'ftp://x', media })).toMatchObject(
      bad(/protocol/),
    );
  });

  it.each<readonly [string, Record<string, unknown>, unknown]>([
    ['rtmp', { url: 'rtmp://h/x' }, { protocol: 'rtmp', url: 'rtmp://h/x' }],
    ['rtsp', { url: 'rtsp://h/x' }, { protocol: 'rtsp', url: 'rtsp://h/x' }],
    [
      'rtmp, whatever parameters',
      { url: 'rtmp://h/x', parameters: { a: 1 } },
      { protocol: 'rtmp', url: 'rtmp://h/x' },
    ],
    [
      'dash by its suffix',
      { url: 'https://h/x.mpd' },
      {
        protocol: 'dash',
        url: 'https://h/x.mpd',
        parameters: { method: 'PUT', dashSegDuration: 2, dashWindowSize: 5 },
      },
    ],
    [
      'hls by name',
      {
        protocol: 'hls',
        url: 'https://h/x',
        parameters: { method: 'POST', hlsTime: 4, hlsListSize: 9 },
      },
      {
        protocol: 'hls',
        url: 'https://h/x',
        parameters: { method: 'POST', hlsTime: 4, hlsListSize: 9 },
      },
    ],
  ])('goes out by %s', async (_case, body, target) => {
    const common = await start();
    const worker = await stage.worker('w1', every);
    const media = { audio: false, video: { from: common } };
    const { work } = await posted('streaming-outs', { ...body, media }, worker);
    expect(work).toEqual({ do: 'push', target });
  });

  it.each<readonly [string, Record<string, unknown>, RegExp]>([
    ['no URL', { url: undefined }, /protocol|url/],
    ['a URL of another protocol', { protocol: 'hls', url: 'rtmp://h/x.m3u8' }, /Invalid URL/],
    ['another protocol', { protocol: 'srt', url: 'srt://h' }, /protocol/],
    ['parameters in part', { url: 'http://h/x.m3u8', parameters: { method: 'PUT' } }, /parameters/],
    ['another method', { url: 'http://h/x.mpd', parameters: { method: 'GET' } }, /parameters/],
    ['no media', { media: undefined }, /media/],
    ['no from', { media: { audio: false, video: {} } }, /media.video.from/],
    ['neither kind', { media: { audio: false, video: false } }, /both false/],
    ['a missing kind', { media: { video: { from: 'x' } } }, /audio/],
    [
      'an unknown codec',
      { media: { audio: false, video: { from: 'x', format: { codec: 'mpeg1' } } } },
      /codec/,
    ],
  ])('with %s is a bad request', async (_case, body, message) => {
    await start();
    await stage.worker('w1', every);
    const whole = { url: 'rtmp://h/x', media: { audio: false, video: { from: 'x' } }, ...body };
    const reply = await stage.call('POST', stage.path('streaming-outs'), whole);
    expect(reply).toMatchObject(bad(message));
    expect(stage.rooms.all()).toEqual([]);
  });

  it('shows nobody the password of its URL', async () => {
    const common = await start();
    const worker = await stage.worker('w1', every);
    const body = { url: 'rtmp://me:se:cr@et@h/x', media: { audio: false, video: { from: common } } };
    const { json, work } = await posted('streaming-outs', body, worker);
    expect(work).toMatchObject({ target: { url: body.url } });
    expect(json).toMatchObject({ url: 'rtmp://me:***@h/x' });
    const listed = await stage.call('GET', stage.path('streaming-outs'));
    expect(listed.json).toEqual([json]);
    expect([listed.text, ...stage.scene.lines].join()).not.toContain('cr@et');
  });

  it('takes AAC and H.264 as they are, and is refused what the room cannot make', async () => {
    const common = await start();
    const worker = await stage.worker('w1', every);
    worker.formats = { audio: { codec: 'aac' }, video: { codec: 'h264', profile: 'H' } };
    const { id } = (await stage.call('POST', stage.path('streaming-ins'), streamingIn)).json as {
      id: string;
    };
    const media = { audio: { from: id }, video: { from: id } };
    const { transport } = await posted('streaming-outs', { url: 'rtmp://h/x', media }, worker);
    expect(transport?.subscriptions[0]?.tracks).toMatchObject([
      { mid: 'audio', from: `${id}-audio`, formats: [{ codec: 'aac' }] },
      { mid: 'video', from: `${id}-video`, formats: [{ codec: 'h264', profile: 'H' }] },
    ]);
    const refused = async (audio: unknown, video: unknown) =>
      stage.call('POST', stage.path('streaming-outs'), { url: 'rtmp://h/x', media: { audio, video } });
    expect(await refused({ from: common }, false)).toMatchObject(failed('Audio codec aac not enabled'));
    expect(await refused({ from: common, format: { codec: 'opus' } }, false)).toMatchObject(
      failed('Audio codec invalid'),
    );
    expect(await refused(false, { from: common, format: { codec: 'vp8' } })).toMatchObject(
      failed('Video codec invalid'),
    );
    expect(await refused(false, { from: 'nobody' })).toMatchObject(
      failed('Target video stream does NOT satisfy:Requested video stream'),
    );
  });
});

describe('a recording', () => {
  it.each([
    ['mkv', { audio: { codec: 'opus', sampleRate: 48000, channelNum: 2 }, video: { codec: 'vp8' } }],
    ['mp4', { audio: { codec: 'aac' }, video: { codec: 'h264', profile: 'CB' } }],
  ] as const)('rest-api#27 is put into %s when nothing else is asked', async (container, formats) => {
    await start();
    const worker = await stage.worker('w1', every);
    worker.formats = formats;
    const { id: from } = (await stage.call('POST', stage.path('streaming-ins'), streamingIn)).json as {
      id: string;
    };
    for (const asked of [{}, { container: 'auto' }]) {
      const body = { ...asked, media: { audio: { from }, video: { from } } };
      const { id, json, work } = await posted('recordings', body, worker);
      expect(work).toEqual({ do: 'record', container });
      expect(json).toEqual({
        id,
        media: {
          audio: { from, format: formats.audio, status: 'active' },
          video: { from, format: formats.video, parameters: {}, status: 'active' },
        },
        storage: { host: 'h', file: `${id}.${container}` },
      });
    }
    const picture = { container: 'ts', media: { audio: false, video: { from } } };
    expect((await posted('recordings', picture, worker)).work).toEqual({ do: 'record', container: 'ts' });
  });

  it('rest-api#27 of G.722 is refused', async () => {
    await start();
    const worker = await stage.worker('w1', every);
    worker.formats = { audio: { codec: 'g722', sampleRate: 16000, channelNum: 1 } };
    const { id: from } = (await stage.call('POST', stage.path('streaming-ins'), streamingIn)).json as {
      id: string;
    };
    const body = { media: { audio: { from }, video: { from } } };
    expect(await stage.call('POST', stage.path('recordings'), body)).toMatchObject(
      failed('Audio codec invalid'),
    );
    expect((await stage.call('GET', stage.path('recordings'))).json).toEqual([]);
  });

  it('rest-api#28 is not ended by the id of a streaming-out, which goes on', async () => {
    const common = await start();
    const worker = await stage.worker('w1', every);
    const body = { url: 'rtmp://h/x', media: { audio: false, video: { from: common } } };
    const { id, json } = await posted('streaming-outs', body, worker);
    expect(await stage.call('DELETE', stage.path(`recordings/${id}`))).toMatchObject(
      failed('Delete type not match'),
    );
    await stage.rest();
    expect((await stage.call('GET', stage.path('streaming-outs'))).json).toEqual([json]);
    expect(worker.documents.at(-1)?.transports).toHaveLength(1);
    expect(await stage.call('DELETE', stage.path(`streaming-outs/${id}`))).toMatchObject({
      status: 200,
      text: '',
    });
    await stage.rest();
    expect(worker.documents.at(-1)?.transports).toEqual([]);
  });

  it('ends with its source, and its worker is told', async () => {
    await start();
    const worker = await stage.worker('w1', every);
    await stage.inhabited();
    await posted('recordings', { media: { audio: false, video: { from: 'camera' } } }, worker);
    expect(await stage.call('DELETE', stage.path('streams/camera'))).toMatchObject({ status: 200 });
    expect((await stage.call('GET', stage.path('recordings'))).json).toEqual([]);
    await stage.rest();
    expect(worker.documents.at(-1)?.transports.map(({ id }) => id)).toEqual(['camera']);
  });

  it('that does not start in 20 s leaves nothing', async () => {
    const common = await start();
    const worker = await stage.worker('w1', every, false);
    const body = { media: { audio: { from: common }, video: false } };
    const pending = stage.begin('POST', stage.path('recordings'), body);
    await stage.until(() => worker.documents.length > 0);
    expect((await stage.call('GET', stage.path('recordings'))).json).toEqual([]);
    await stage.scene.clock.advance(20_100);
    expect(await stage.answered(pending)).toMatchObject(failed(/in time/));
    await stage.rest();
    expect(worker.documents.at(-1)?.transports).toEqual([]);
  });
});
