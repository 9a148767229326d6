// Owns the tests of what becomes of running sessions of the server itself: updates, calls, analysis, lost workers.
import { afterEach, describe, expect, it } from 'vitest';
import type { Purpose } from '../../schemas/worker.ts';
import { hear, to } from '../rooms/scripted-scene.ts';
import type { ScriptedWorker } from '../rooms/scripted-worker.ts';
import { createSessionScene, type SessionScene } from './scripted-sessions.ts';

const sip = { sipServer: 's', username: 'u', password: 'p' };
const media: Purpose[] = ['webrtc', 'audio', 'video'];
const every: Purpose[] = [...media, 'recording', 'streaming', 'analytics', 'sip'];
const refused = (status: number, code: number, message: RegExp | string) => ({
  status,
  json: { error: { code, message: expect.stringMatching(message) as string } },
});
const failed = (message: RegExp | string) => refused(500, 1301, message);
const bad = (message: RegExp | string) => refused(400, 1201, message);
const replace = (path: string, value: unknown) => ({ op: 'replace', path, value });

let stage: SessionScene;
let common: string;
afterEach(() => stage.close());

async function start(options: Record<string, unknown> = {}): Promise<void> {
  stage = await createSessionScene(options);
  common = `${stage.scene.room}-common`;
}

async function started(resource: string, body: unknown): Promise<string> {
  const reply = await stage.call('POST', stage.path(resource), body);
  expect(reply.status, reply.text).toBe(200);
  return (reply.json as { id: string }).id;
}

async function listed(resource: string): Promise<unknown> {
  return (await stage.call('GET', stage.path(resource))).json;
}

/** The newest document's transport of that id. */
function held(worker: ScriptedWorker, id: string) {
  return worker.documents.at(-1)?.transports.find((each) => each.id === id);
}

describe('the update of a recording or live push', () => {
  const body = () => ({ media: { audio: { from: common }, video: { from: common } } });

  it('changes source and parameters when its worker has done so, in the format it has', async () => {
    await start();
    const worker = await stage.worker('w1', every);
    await stage.inhabited();
    const id = await started('recordings', body());
    const reply = await stage.call('PATCH', stage.path(`recordings/${id}`), [
      replace('/media/video/from', 'camera'),
      replace('/media/audio/from', 'camera'),
      replace('/media/video/parameters/keyFrameInterval', 2),
    ]);
    const opus = { codec: 'opus', sampleRate: 48000, channelNum: 2 };
    expect(reply).toMatchObject({
      status: 200,
      json: {
        id,
        media: {
          audio: { from: 'camera', format: opus, status: 'active' },
          video: {
            from: 'camera',
            format: { codec: 'vp8' },
            parameters: { keyFrameInterval: 2 },
            status: 'active',
          },
        },
      },
    });
    expect(await listed('recordings')).toEqual([reply.json]);
    await stage.rest();
    expect(held(worker, id)?.subscriptions).toMatchObject([
      { id, revision: 1, tracks: [{ mid: 'audio' }, { mid: 'video', from: 'camera-1/vp8_2s' }] },
    ]);
    const next = await stage.call('PATCH', stage.path(`recordings/${id}`), [
      replace('/media/video/parameters/framerate', 15),
    ]);
    expect(next.json).toMatchObject({
      media: { video: { parameters: { keyFrameInterval: 2, framerate: 15 } } },
    });
  });

  it('pauses and plays each kind', async () => {
    await start();
    const worker = await stage.worker('w1', every);
    const id = await started('recordings', body());
    const path = stage.path(`recordings/${id}`);
    const paused = await stage.call('PATCH', path, [replace('/media/audio/status', 'inactive')]);
    expect(paused.json).toMatchObject({
      media: { audio: { status: 'inactive' }, video: { status: 'active' } },
    });
    await stage.rest();
    expect(held(worker, id)?.subscriptions[0]?.tracks.map((track) => track.paused)).toEqual([true, false]);
    const playing = await stage.call('PATCH', path, [replace('/media/audio/status', 'active')]);
    expect(playing.json).toMatchObject({ media: { audio: { status: 'active' } } });
    expect((await stage.call('PATCH', path, [])).json).toEqual(playing.json);
  });

  it.each<readonly [string, unknown, ReturnType<typeof refused>]>([
    ['an unknown source', replace('/media/video/from', 'nobody'), failed(/Requested video stream/)],
    ['a size that is not there', size(321, 240), failed(/Resolution is not acceptable/)],
    ['another rate', replace('/media/video/parameters/framerate', 7), bad(/framerate|Invalid/)],
    ['another operation', { op: 'add', path: '/media/video/from', value: 'x' }, bad(/op/)],
    ['another path', replace('/media/audio/format', 'x'), bad(/path/)],
    ['other members', { ...replace('/media/video/from', 'x'), more: 1 }, bad(/more/)],
  ])('with %s is refused and changes nothing', async (_case, operation, refusal) => {
    await start();
    await stage.worker('w1', every);
    const id = await started('recordings', body());
    const before = await listed('recordings');
    const reply = await stage.call('PATCH', stage.path(`recordings/${id}`), [
      replace('/media/audio/status', 'inactive'),
      operation,
    ]);
    expect(reply).toMatchObject(refusal);
    expect(await listed('recordings')).toEqual(before);
  });

  it('goes back to what it was when its worker cannot do it', async () => {
    await start();
    const worker = await stage.worker('w1', every, false);
    const room = await stage.rooms.open(stage.scene.room);
    const begun = stage.begin('POST', stage.path('recordings'), body());
    await stage.until(() => worker.documents.length > 0);
    await stage.answered(worker.report(room.id, worker.readiness()));
    const { id } = (await stage.answered(begun)).json as { id: string };
    const before = await listed('recordings');
    const path = stage.path(`recordings/${id}`);
    const patch = [replace('/media/video/parameters/framerate', 15)];
    const pending = stage.begin('PATCH', path, patch);
    await stage.until(() => held(worker, id)?.subscriptions[0]?.revision === 1);
    expect(await stage.call('PATCH', path, patch)).toMatchObject(failed('Another update is under way'));
    // What is said of the one before means nothing.
    await stage.answered(worker.report(room.id, [{ type: 'subscription-ready', subscription: id }]));
    const failure = { type: 'subscription-failed', subscription: id, reason: 'no', revision: 1 } as const;
    await stage.answered(worker.report(room.id, [failure]));
    expect(await stage.answered(pending)).toMatchObject(failed('Update subscription failed'));
    expect(await listed('recordings')).toEqual(before);
    await stage.rest();
    expect(held(worker, id)?.subscriptions[0]).toMatchObject({ revision: 2 });
  });

  it('that takes over 20 s is taken back', async () => {
    await start();
    const worker = await stage.worker('w1', every);
    const id = await started('recordings', body());
    const before = await listed('recordings');
    await stage.rest();
    const { asked } = worker;
    worker.deaf = true;
    const pending = stage.begin('PATCH', stage.path(`recordings/${id}`), [
      replace('/media/video/parameters/framerate', 15),
    ]);
    await stage.until(() => worker.asked > asked);
    expect(await listed('recordings')).not.toEqual(before);
    await stage.scene.clock.advance(20_100);
    expect(await stage.answered(pending)).toMatchObject(failed('Update subscription failed'));
    expect(await listed('recordings')).toEqual(before);
  });

  it('of what is not there, or is something else, finds nothing', async () => {
    await start();
    await stage.worker('w1', every);
    const id = await started('recordings', body());
    for (const path of ['recordings/none', `streaming-outs/${id}`, `sipcalls/${id}`]) {
      expect((await stage.call('PATCH', stage.path(path), [])).status, path).toBe(404);
    }
  });
});

function size(width: number, height: number) {
  return replace('/media/video/parameters/resolution', { width, height });
}

describe('an analysis', () => {
  const body = () => ({ algorithm: 'faces', media: { audio: { from: 'x' }, video: { from: common } } });

  it('is of video only, by a worker that knows the algorithm, and tells what that reports', async () => {
    await start();
    await stage.worker('w1', every, true, ['cars']);
    const worker = await stage.worker('w2', ['analytics'], true, ['faces']);
    await stage.inhabited();
    const id = await started('analytics', body());
    expect(held(worker, id)).toMatchObject({
      work: { do: 'analyse', algorithm: 'faces' },
      subscriptions: [{ tracks: [{ kind: 'video' }] }],
    });
    expect(await listed('analytics')).toEqual([
      {
        id,
        media: { video: { from: common, format: { codec: 'vp8' }, parameters: {}, status: 'active' } },
        analytics: { found: 'faces' },
      },
    ]);
    expect((await stage.call('PATCH', stage.path(`analytics/${id}`), [])).status).toBe(404);
    expect((await stage.call('DELETE', stage.path(`analytics/${id}`))).status).toBe(200);
    expect(await listed('analytics')).toEqual([]);
  });

  it.each([
    ['no video', { algorithm: 'faces', media: { audio: false, video: false } }],
    ['no source', { algorithm: 'faces', media: { video: {} } }],
    ['no algorithm', { media: { video: { from: 'x' } } }],
  ])('of %s is a bad request', async (_case, wrong) => {
    await start();
    await stage.worker('w1', every);
    expect((await stage.call('POST', stage.path('analytics'), wrong)).status).toBe(400);
  });
});

describe('a call', () => {
  const body = (more = {}) => ({
    peerURI: 'sip:bob:secret@phone.example',
    mediaIn: { audio: true, video: true },
    mediaOut: { audio: { from: common }, video: { from: common } },
    ...more,
  });

  it('is a participant of role sip who publishes and subscribes', async () => {
    await start({ sip });
    const worker = await stage.worker('w1', every);
    const reply = await stage.call('POST', stage.path('sipcalls'), body());
    expect(reply).toMatchObject({
      status: 200,
      json: {
        id: expect.stringMatching(/^SipOut/) as string,
        type: 'dial-out',
        peer: 'sip:bob:***@phone.example',
        input: {
          type: 'forward',
          info: { type: 'sip' },
          media: { tracks: [{ type: 'audio' }, { type: 'video' }] },
        },
        output: { media: { audio: { from: common, status: 'active' }, video: { from: common } } },
      },
    });
    const { id, output } = reply.json as { id: string; output: { id: string } };
    expect(held(worker, id)).toMatchObject({
      participant: id,
      work: { do: 'call', direction: 'out', peer: 'sip:bob:secret@phone.example' },
      publications: [{ id }],
      subscriptions: [{ id: output.id }],
    });
    expect(await listed('participants')).toMatchObject([
      { id, role: 'sip', user: 'sip:bob:***@phone.example' },
    ]);
    expect(await listed('streams')).toMatchObject([{ id: common }, { id, info: { owner: id, type: 'sip' } }]);
    const path = stage.path(`sipcalls/${id}`);
    const updated = await stage.call('PATCH', path, [
      replace('/output/media/video/parameters/keyFrameInterval', 2),
    ]);
    expect(updated.json).toMatchObject({
      output: { media: { video: { parameters: { keyFrameInterval: 2 } } } },
    });
    expect((await stage.call('PATCH', path, [replace('/media/video/status', 'active')])).status).toBe(400);
    expect(await stage.call('DELETE', path)).toMatchObject({ status: 200, text: '' });
    for (const list of ['sipcalls', 'participants']) expect(await listed(list)).toEqual([]);
    await stage.rest();
    expect(worker.documents.at(-1)?.transports).toEqual([]);
  });

  it('does not hear itself', async () => {
    await start({ sip });
    const worker = await stage.worker('w1', every);
    const id = await started('sipcalls', body());
    await stage.call('PATCH', stage.path(`streams/${id}`), [
      { op: 'add', path: '/info/inViews', value: 'common' },
    ]);
    const tracks = [{ mid: 'audio-out', format: { codec: 'pcmu' as const } }];
    const negotiated = { type: 'subscription-negotiated', subscription: `${id}-output`, tracks } as const;
    await stage.answered(worker.report(stage.scene.room, [negotiated]));
    await stage.rest();
    expect(held(worker, id)?.subscriptions[0]?.tracks[0]).toMatchObject({
      from: `${common}/pcmu/without/${id}`,
    });
  });

  it.each<readonly [string, () => Promise<unknown>]>([
    [
      'its participant is dropped',
      async () => stage.call('DELETE', stage.path(`participants/${await only()}`)),
    ],
    ['its stream is ended', async () => stage.call('DELETE', stage.path(`streams/${await only()}`))],
  ])('ends when %s', async (_case, end) => {
    await start({ sip });
    await stage.worker('w1', every);
    await started('sipcalls', body());
    expect(await end()).toMatchObject({ status: 200 });
    for (const list of ['sipcalls', 'participants']) expect(await listed(list)).toEqual([]);
  });

  async function only(): Promise<string> {
    const [call] = (await listed('sipcalls')) as { id: string }[];
    return call?.id ?? '';
  }

  it('goes on when what its peer got is gone', async () => {
    await start({ sip });
    await stage.worker('w1', every);
    await stage.inhabited();
    const id = await started('sipcalls', body({ mediaOut: { audio: { from: 'camera' }, video: false } }));
    await stage.call('DELETE', stage.path('streams/camera'));
    expect(await listed('sipcalls')).toMatchObject([{ id, output: { media: {} } }]);
    const update = [replace('/output/media/audio/from', common)];
    expect(await stage.call('PATCH', stage.path(`sipcalls/${id}`), update)).toMatchObject(
      failed(/Nothing is sent/),
    );
  });

  it.each<readonly [string, Record<string, unknown>, Record<string, unknown>, string]>([
    ['without SIP connectivity', {}, {}, 'Room has no SIP connectivity'],
    ['without such a role', { sip, roles: [] }, {}, 'Invalid role'],
    ['whose role may not publish', { sip, roles: [role(false, true)] }, {}, 'unauthorized'],
    ['whose role may not subscribe', { sip, roles: [role(true, false)] }, {}, 'unauthorized'],
    ['that takes no inputs', { sip, inputLimit: 0 }, {}, 'Too many inputs'],
    [
      'without the source',
      { sip },
      { mediaOut: { audio: { from: 'nobody' }, video: false } },
      'Target audio stream does NOT satisfy:Requested audio stream',
    ],
  ])('from a room %s fails', async (_case, options, more, message) => {
    await start(options);
    await stage.worker('w1', every);
    expect(await stage.call('POST', stage.path('sipcalls'), body(more))).toMatchObject(failed(message));
    expect(await listed('participants')).toEqual([]);
  });

  it('room-model#14 is one of the participants that are counted', async () => {
    await start({ sip, participantLimit: 1 });
    await stage.worker('w1', every);
    await stage.inhabited();
    expect(await stage.call('POST', stage.path('sipcalls'), body())).toMatchObject(failed('Room is full'));
  });

  it('that is not answered in 88 s leaves nothing', async () => {
    await start({ sip });
    const worker = await stage.worker('w1', every, false);
    const pending = stage.begin('POST', stage.path('sipcalls'), body());
    await stage.until(() => worker.documents.length > 0);
    await stage.scene.clock.advance(88_100);
    expect(await stage.answered(pending)).toMatchObject(failed('No answer timeout'));
    for (const list of ['sipcalls', 'participants']) expect(await listed(list)).toEqual([]);
    await stage.rest();
    expect(worker.documents.at(-1)?.transports).toEqual([]);
  });

  it.each([
    ['no peer', { peerURI: '' }],
    ['a peer of two lines', { peerURI: 'sip:a@b\r\nX: y' }],
    ['no audio', { mediaIn: { audio: false, video: true } }],
    ['no output', { mediaOut: undefined }],
  ])('with %s is a bad request', async (_case, wrong) => {
    await start({ sip });
    await stage.worker('w1', every);
    expect((await stage.call('POST', stage.path('sipcalls'), body(wrong))).status).toBe(400);
  });
});

function role(publish: boolean, subscribe: boolean) {
  const right = (may: boolean) => ({ audio: may, video: may });
  return { role: 'sip', publish: right(publish), subscribe: right(subscribe) };
}

describe('a room without clients', () => {
  it('mixes what it takes in and records that, each on a worker that can', async () => {
    await start();
    const mixer = await stage.worker('m', ['audio', 'video']);
    await stage.worker('s', ['streaming']);
    const recorder = await stage.worker('r', ['recording']);
    const body = { connection: { url: 'rtsp://c/1' }, media: { audio: true, video: true } };
    const camera = await started('streaming-ins', body);
    const mix = [{ op: 'add', path: '/info/inViews', value: 'common' }];
    expect((await stage.call('PATCH', stage.path(`streams/${camera}`), mix)).status).toBe(200);
    const out = { from: common };
    const id = await started('recordings', { media: { audio: out, video: out } });
    await stage.until(() => (mixer.documents.at(-1)?.mixers.length ?? 0) > 1);
    expect(mixer.documents.at(-1)?.mixers).toMatchObject([
      { kind: 'audio', inputs: [{ stream: camera }], outputs: [{ track: `${common}/opus_48000_2` }] },
      { kind: 'video', inputs: [{ stream: camera }], outputs: [{ track: `${common}/vp8` }] },
    ]);
    await stage.until(() => recorder.documents.at(-1)?.links !== undefined);
    expect(held(recorder, id)?.subscriptions[0]?.tracks).toMatchObject([
      { from: `${common}/opus_48000_2` },
      { from: `${common}/vp8` },
    ]);
    expect(recorder.documents.at(-1)?.links).toMatchObject([{ peer: 'm' }]);
  });
});

describe('a lost worker', () => {
  /** A room with somebody in it, and a worker of that purpose alone with the session on it; it dies. */
  async function losing(purpose: Purpose, resource: string, body: () => unknown) {
    await start({ sip });
    await stage.worker('w1', media);
    const worker = await stage.worker('w2', [purpose], true, ['a']);
    const room = await stage.inhabited();
    const id = await started(resource, body());
    await stage.rest();
    const heard = hear(room);
    worker.die();
    await stage.scene.clock.advance(10_000);
    await stage.rest();
    expect(await listed(resource)).toEqual([]);
    expect(room.state.participants.size).toBe(1);
    expect(room.state.streams.size).toBe(1);
    return { id, told: to('alice', heard.notices()), notices: heard.notices() };
  }
  const out = () => ({ from: common });

  it('cluster#19 F7 ends what it pulled: everybody sees the stream go', async () => {
    const body = { connection: { url: 'rtsp://c/1' }, media: { audio: 'auto', video: true } };
    const { id, told, notices } = await losing('streaming', 'streaming-ins', () => body);
    expect(told).toEqual([{ type: 'stream-removed', stream: id }]);
    expect(notices.map(({ notice }) => notice)).toContainEqual(
      expect.objectContaining({ type: 'session-ended', reason: 'Access node exited unexpectedly' }),
    );
  });

  it.each<readonly [string, Purpose, string, () => unknown]>([
    ['F8', 'recording', 'recordings', () => ({ media: { audio: out(), video: out() } })],
    [
      'F7',
      'streaming',
      'streaming-outs',
      () => ({ url: 'rtmp://h/x', media: { audio: false, video: out() } }),
    ],
    ['F11', 'analytics', 'analytics', () => ({ algorithm: 'a', media: { audio: false, video: out() } })],
  ])(
    'cluster#19 %s ends its %s sessions, which nobody else notices',
    async (_case, purpose, resource, body) => {
      expect((await losing(purpose, resource, body)).told).toEqual([]);
    },
  );

  it('cluster#19 F12 hangs up: its peers leave', async () => {
    const { id, told } = await losing('sip', 'sipcalls', () => ({
      peerURI: 'sip:bob@phone.example',
      mediaIn: { audio: true, video: false },
      mediaOut: { audio: out(), video: false },
    }));
    expect(told).toEqual([
      { type: 'participant-left', participant: id },
      { type: 'stream-removed', stream: id },
    ]);
  });
});
