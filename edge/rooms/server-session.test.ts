// Owns the tests of the rules for what the server itself takes in, sends, records, analyses and dials. How REST asks for
// it is tested in edge/management.
import { describe, expect, it } from 'vitest';
import type { AudioFormat, VideoFormat } from '../../schemas/media.ts';
import type { ServerSessionRequest, WantedMedia } from '../../schemas/server-session.ts';
import type { ReportItem } from '../../schemas/worker.ts';
import type { Command } from './command.ts';
import { plan } from './plan.ts';
import { publishCommand, reported, ScriptedRoom, roomId, toldTo } from './scripted-room.ts';
import { isUp, serverSession, serverSessions } from './server-session.ts';

const common = `${roomId}-common`;
const opus: AudioFormat = { codec: 'opus', sampleRate: 48000, channelNum: 2 };
const aac: AudioFormat = { codec: 'aac' };
const sip = { sipServer: 's', username: 'u', password: 'p' };

const pulling = (more: Partial<{ audio: boolean | 'auto'; isp: string }> = {}): ServerSessionRequest => ({
  kind: 'streaming-in',
  body: {
    connection: {
      url: 'rtsp://h/1',
      transportProtocol: 'tcp',
      bufferSize: 1,
      origin: { isp: more.isp ?? '', region: '' },
    },
    media: { audio: more.audio ?? 'auto', video: true },
  },
});
const recording = (media: WantedMedia, container: 'auto' | 'mp4' | 'ts' = 'auto'): ServerSessionRequest => ({
  kind: 'recording',
  body: { container, media },
});
const pushing = (media: WantedMedia): ServerSessionRequest => ({
  kind: 'streaming-out',
  body: { protocol: 'rtmp', url: 'rtmp://h', media },
});
const calling = (from: string): ServerSessionRequest => ({
  kind: 'sip-call',
  body: {
    peerURI: 'sip:bob',
    mediaIn: { audio: true, video: false },
    mediaOut: { audio: { from }, video: false },
  },
});
const start = (session: string, request: ServerSessionRequest): Command => ({
  type: 'start-session',
  session,
  request,
});
const both = (from: string): WantedMedia => ({ audio: { from }, video: { from } });
const report = (worker: string, item: ReportItem): Command => ({ type: 'report', worker, item });
const place = (transport: string, worker = 'w1'): Command => ({ type: 'place-transport', transport, worker });

/** The stream `in`, taken in in these formats. */
function taking(room: ScriptedRoom, audio: AudioFormat, video: VideoFormat): ScriptedRoom {
  room.run(start('in', pulling()));
  room.run(place('in'));
  const tracks = [
    reported('in', 'audio', 'audio', { format: audio }),
    reported('in', 'video', 'video', { format: video }),
  ];
  room.run(report('w1', { type: 'transport-ready', transport: 'in' }));
  room.run(report('w1', { type: 'publication-ready', publication: 'in', tracks }));
  return room;
}

/** A recording that is up. */
function recorded(room: ScriptedRoom, id: string, media: WantedMedia, worker = 'w1'): void {
  room.run(start(id, recording(media)));
  room.run(place(id, worker));
  room.run(report(worker, { type: 'transport-ready', transport: id }));
  room.run(report(worker, { type: 'subscription-ready', subscription: id }));
}

describe('a recording', () => {
  it.each<readonly [AudioFormat, VideoFormat, string]>([
    [opus, { codec: 'vp8' }, 'mkv'],
    [opus, { codec: 'h264' }, 'mkv'],
    [aac, { codec: 'h264', profile: 'M' }, 'mp4'],
    [aac, { codec: 'vp8' }, 'mkv'],
    [{ codec: 'pcmu' }, { codec: 'h264' }, 'mkv'],
  ])('rest-api#27 of %j and %j goes into %s, of sound alone by that', (audio, video, container) => {
    const room = taking(ScriptedRoom.mixing(), audio, video);
    const containerOf = (media: WantedMedia) => {
      const [opened] = room.events(start('rec', recording(media)));
      room.run({ type: 'end-session', session: 'rec', kind: 'recording' });
      return opened?.type === 'transport-opened' && opened.work;
    };
    expect(containerOf(both('in'))).toEqual({ do: 'record', container });
    const sound = { audio: { from: 'in' }, video: false } as const;
    expect(containerOf(sound)).toEqual({ do: 'record', container: audio === aac ? 'mp4' : 'mkv' });
    expect(containerOf({ audio: false, video: { from: 'in' } })).toEqual({ do: 'record', container: 'mkv' });
  });

  it('is made in the format it asks for, and the container follows', () => {
    const room = taking(ScriptedRoom.mixing(), opus, { codec: 'vp8' });
    const media: WantedMedia = {
      audio: { from: 'in', format: { codec: 'pcmu' } },
      video: { from: 'in', format: { codec: 'h264', profile: 'CB' } },
    };
    recorded(room, 'rec', media);
    room.run({ type: 'place-mixing', worker: 'w1' });
    const held = plan(room.state)
      .desired.get('w1')
      ?.transports.find(({ id }) => id === 'rec');
    expect(held?.subscriptions[0]?.tracks.map(({ from }) => from)).toEqual([
      'in-audio/pcmu',
      'in-video/h264_CB',
    ]);
    expect(
      plan(room.state)
        .desired.get('w1')
        ?.mixers.map(({ id }) => id),
    ).toEqual(['in-audio/audio', 'in-video/video']);
  });

  it.each<readonly [string, WantedMedia, string]>([
    ['g722', { audio: { from: common, format: { codec: 'g722' } }, video: false }, 'Audio codec invalid'],
    ['selected audio', { audio: { from: 'active-audio-0' }, video: false }, 'Audio codec invalid'],
    [
      'sound the room cannot make',
      { audio: { from: common, format: aac }, video: false },
      'Target audio stream does NOT satisfy:Format is not acceptable',
    ],
    [
      'a size that is not offered',
      { audio: false, video: { from: common, parameters: { resolution: { width: 3, height: 3 } } } },
      'Target video stream does NOT satisfy:Resolution is not acceptable',
    ],
    [
      'nothing',
      { audio: false, video: { from: 'nobody' } },
      'Target video stream does NOT satisfy:Requested video stream',
    ],
  ])('room-model#23 of %s is refused', (_case, media, message) => {
    const room = ScriptedRoom.mixing({ selectActiveAudio: true });
    expect(room.refusal(start('rec', recording(media)))).toBe(message);
  });

  it('room-model#26 ends with its source, worker and all, and with the peer of a call whom it records', () => {
    const room = ScriptedRoom.mixing({ sip }).join('a').stream('a', 'cam');
    recorded(room, 'rec', both('cam'));
    room.run({ type: 'unpublish', actor: 'server', session: 'cam' });
    expect(room.state.transports.has('rec')).toBe(false);
    expect(room.state.subscriptions.size).toBe(0);

    room.run(start('call', calling(common)));
    room.run(place('call'));
    const tracks = [reported('call', 'audio', 'audio')];
    room.run(report('w1', { type: 'publication-ready', publication: 'call', tracks }));
    recorded(room, 'rec', { audio: { from: 'call' }, video: false });
    const notices = room.run({ type: 'drop', participant: 'call', reason: 'enough' });
    expect(toldTo('a', notices)).toEqual([
      { type: 'participant-left', participant: 'call' },
      { type: 'stream-removed', stream: 'call' },
    ]);
    expect(toldTo('admin', notices)).toContainEqual(
      expect.objectContaining({ type: 'session-ended', session: 'rec', reason: 'Source stream loss' }),
    );
    expect(serverSessions(room.state)).toEqual([]);
  });

  it('ends when the layer it records is gone, but not with another', () => {
    const room = ScriptedRoom.open().join('a');
    room.run(publishCommand('a', 'cam', ['video']));
    room.run(place('cam'));
    const layers = (...rids: readonly string[]) => rids.map((rid) => reported('cam', '0', 'video', { rid }));
    room.run(report('w1', { type: 'publication-ready', publication: 'cam', tracks: layers('q', 'h', 'f') }));
    recorded(room, 'rec', { audio: false, video: { from: 'cam-0:h' } });
    room.run(report('w1', { type: 'publication-changed', publication: 'cam', tracks: layers('q', 'h') }));
    expect(serverSession(room.state, 'rec')).toBeDefined();
    room.run(report('w1', { type: 'publication-changed', publication: 'cam', tracks: layers('q') }));
    expect(serverSession(room.state, 'rec')).toBeUndefined();
  });

  it('hears what the server takes in, and what everybody says', () => {
    const room = taking(ScriptedRoom.mixing(), opus, { codec: 'vp8' }).join('a').stream('a', 'cam');
    room.mix(['in', 'cam']);
    recorded(room, 'rec', { audio: { from: common }, video: false });
    room.run({ type: 'place-mixing', worker: 'w1' });
    const document = plan(room.state).desired.get('w1');
    expect(document?.mixers).toMatchObject([
      {
        kind: 'audio',
        inputs: [{ stream: 'in' }, { stream: 'cam' }],
        outputs: [{ track: `${common}/opus_48000_2`, format: opus }],
      },
    ]);
    expect(document?.mixers[0]).not.toHaveProperty('outputs.0.without');
  });
});

describe('a live push', () => {
  it.each<readonly [string, WantedMedia, AudioFormat | VideoFormat]>([
    ['AAC as it is', { audio: { from: 'in' }, video: false }, aac],
    ['pictures as H.264', { audio: false, video: { from: common } }, { codec: 'h264', profile: 'CB' }],
    ['H.264 as it is', { audio: false, video: { from: 'in' } }, { codec: 'h264', profile: 'H' }],
    [
      'H.264 of the profile asked for',
      { audio: false, video: { from: 'in', format: { codec: 'h264', profile: 'CB' } } },
      { codec: 'h264', profile: 'CB' },
    ],
  ])('takes %s', (_case, media, format) => {
    const room = taking(ScriptedRoom.mixing(), aac, { codec: 'h264', profile: 'H' });
    room.run(start('out', pushing(media)));
    expect(room.state.subscriptions.get('out')?.tracks).toMatchObject([{ format }]);
  });

  it('has AAC made where the room can make it', () => {
    // Nothing makes AAC yet: where nothing is made at all, its mediaOut is left as it was written.
    const refusal = (settings: Record<string, unknown>) =>
      ScriptedRoom.open(settings)
        .join('a')
        .stream('a', 'cam')
        .refusal(start('out', pushing({ audio: { from: 'cam' }, video: false })));
    expect(refusal({})).toBe('Target audio stream does NOT satisfy:Format is not acceptable');
    expect(refusal({ mediaOut: { audio: [opus], video: { format: [{ codec: 'vp8' }] } } })).toBe(
      'Audio codec aac not enabled',
    );
  });
});

describe('an analysis', () => {
  const analysing = (room: ScriptedRoom): ScriptedRoom => {
    const body = { algorithm: 'a', media: { video: { from: common } } };
    room.run(start('look', { kind: 'analytics', body }));
    room.run(place('look'));
    return room;
  };
  const augmented = (worker: string, ...tracks: readonly ReturnType<typeof reported>[]): Command =>
    report(worker, { type: 'augmented', transport: 'look', tracks: [...tracks] });
  const picture = reported('look', 'video-out', 'video');

  it('may publish what it makes, which is no input that counts', () => {
    const room = analysing(ScriptedRoom.mixing({ inputLimit: 0 }).join('a'));
    const notices = room.run(augmented('w1', picture, reported('look', 'video', 'video')));
    const id = 'look-augmented';
    expect(toldTo('a', notices)).toMatchObject([
      {
        type: 'stream-added',
        stream: {
          id,
          info: { owner: 'admin', type: 'analytics' },
          media: { tracks: [{ id: 'look-video-out', type: 'video' }] },
        },
      },
    ]);
    expect(plan(room.state).desired.get('w1')?.transports).toMatchObject([
      { id: 'look', publications: [{ id }], subscriptions: [{ id: 'look' }] },
    ]);
    expect(room.events(augmented('w1', picture))).toEqual([]);
    room.run(report('w1', { type: 'transport-ready', transport: 'look' }));
    room.run({ type: 'unpublish', actor: 'server', session: id });
    expect(serverSession(room.state, 'look')).toBeDefined();
    // Its worker says it again because it had no answer; that does not bring it back.
    expect(room.events(augmented('w1', picture))).toEqual([]);
  });

  it('takes what it published along', () => {
    const room = analysing(ScriptedRoom.mixing().join('a'));
    room.run(augmented('w1', picture));
    const notices = room.run({ type: 'end-session', session: 'look', kind: 'analytics' });
    expect(toldTo('a', notices)).toEqual([{ type: 'stream-removed', stream: 'look-augmented' }]);
  });

  it('whose source ends takes along what it published, and who has that', () => {
    const room = ScriptedRoom.mixing().join('a', 'b').stream('a', 'cam');
    const chain = (id: string, from: string) => {
      const body = { algorithm: 'a', media: { video: { from } } };
      room.run(start(id, { kind: 'analytics', body }));
      room.run(place(id));
      const tracks = [reported(id, 'video-out', 'video')];
      room.run(report('w1', { type: 'augmented', transport: id, tracks }));
    };
    chain('one', 'cam');
    chain('two', 'one-augmented');
    recorded(room, 'rec', { audio: false, video: { from: 'two-augmented' } });
    room.subscription('b', 'sub', 'two-augmented', ['video']);
    const notices = toldTo('b', room.run({ type: 'unpublish', actor: { participant: 'a' }, session: 'cam' }));
    expect(notices.map((notice) => ('stream' in notice ? notice.stream : notice.type))).toEqual([
      'session-ended',
      'cam',
      'one-augmented',
      'two-augmented',
    ]);
    expect(room.state.subscriptions.size + room.state.streams.size).toBe(0);
    expect([...room.state.transports.keys()]).toEqual(['cam', 'sub']);
  });

  it('whose layer is gone takes along what it published, and everybody is told', () => {
    const room = ScriptedRoom.mixing().join('a');
    room.run(publishCommand('a', 'cam', ['video']));
    room.run(place('cam'));
    const layers = (...rids: readonly string[]) => rids.map((rid) => reported('cam', '0', 'video', { rid }));
    room.run(report('w1', { type: 'publication-ready', publication: 'cam', tracks: layers('q', 'h') }));
    const body = { algorithm: 'a', media: { video: { from: 'cam-0:h' } } };
    room.run(start('look', { kind: 'analytics', body }));
    room.run(place('look'));
    room.run(augmented('w1', picture));
    const changed = report('w1', { type: 'publication-changed', publication: 'cam', tracks: layers('q') });
    expect(toldTo('a', room.run(changed))).toMatchObject([
      { type: 'stream-updated', stream: 'cam' },
      { type: 'stream-removed', stream: 'look-augmented' },
    ]);
  });

  it('that looks at what it makes itself ends with its end', () => {
    const room = analysing(ScriptedRoom.mixing().join('a').stream('a', 'cam'));
    room.run(augmented('w1', picture));
    room.run(report('w1', { type: 'transport-ready', transport: 'look' }));
    room.run(report('w1', { type: 'subscription-ready', subscription: 'look' }));
    const changes = { video: { from: 'look-augmented' } };
    room.run({ type: 'update-session', session: 'look', kind: 'analytics', changes });
    const notices = room.run({ type: 'unpublish', actor: 'server', session: 'look-augmented' });
    expect(toldTo('a', notices)).toEqual([{ type: 'stream-removed', stream: 'look-augmented' }]);
    expect(serverSessions(room.state)).toEqual([]);
    expect(room.state.streams.size).toBe(1);
  });

  it.each<readonly [string, Command, string | undefined]>([
    ['another worker', augmented('w2', picture), undefined],
    [
      'tracks of what it is sent',
      augmented('w1', reported('look', 'video', 'video')),
      'No valid tracks in stream',
    ],
    [
      'a format the room does not take',
      augmented('w1', reported('look', 'video-out', 'video', { format: { codec: 'av1' } })),
      'Video format unacceptable',
    ],
  ])('publishes nothing by %s', (_case, command, reason) => {
    const room = analysing(ScriptedRoom.mixing());
    expect(room.events(command)).toEqual(
      reason === undefined ? [] : [{ type: 'transport-closed', transport: 'look', reason }],
    );
    expect(room.state.streams.size).toBe(0);
  });

  it('alone may: not a recording', () => {
    const room = ScriptedRoom.mixing();
    room.run(start('look', recording(both(common))));
    room.run(place('look'));
    expect(room.events(augmented('w1', picture))).toEqual([]);
  });
});

describe('any session of the server', () => {
  it('looks for a worker of its purpose where its source is', () => {
    const room = taking(ScriptedRoom.mixing({ sip }), opus, { codec: 'vp8' }).join('a').stream('a', 'cam');
    room.run(start('isp', pulling({ isp: 'b' })));
    recorded(room, 'rec', both('cam'));
    room.run(start('mixed', recording(both(common))));
    room.run(start('out', pushing({ audio: false, video: { from: 'in' } })));
    room.run(start('call', calling(common)));
    const where = [...room.state.transports.values()].map(({ id, purpose, origin }) => [
      id,
      purpose,
      origin.isp,
    ]);
    expect(where).toEqual([
      ['in', 'streaming', ''],
      ['cam', 'webrtc', 'isp'],
      ['isp', 'streaming', 'b'],
      ['rec', 'recording', 'isp'],
      ['mixed', 'recording', ''],
      ['out', 'streaming', ''],
      ['call', 'sip', ''],
    ]);
  });

  it('has an id that nothing else has, and there are not too many', () => {
    const room = ScriptedRoom.mixing().join('a').stream('a', 'cam');
    expect(room.refusal(start('cam', pulling()))).toBe('Session exists');
    for (let index = 0; index < 512; index += 1) {
      room.run(start(`s${index}`, recording({ audio: { from: common }, video: false })));
    }
    expect(room.refusal(start('more', pulling()))).toBe('Too many sessions');
  });

  it('is up when its transport and all on it are, and tells its result once', () => {
    const room = ScriptedRoom.mixing();
    const up = () => {
      const session = serverSession(room.state, 'rec');
      return session !== undefined && isUp(session);
    };
    room.run(start('rec', recording(both(common))));
    room.run(place('rec'));
    room.run(report('w2', { type: 'subscription-ready', subscription: 'rec' }));
    expect(room.state.subscriptions.get('rec')?.phase).toBe('connecting');
    room.run(report('w1', { type: 'subscription-ready', subscription: 'rec' }));
    expect(up()).toBe(false);
    const ready = (file: string): Command =>
      report('w1', { type: 'transport-ready', transport: 'rec', result: { storage: { host: 'h', file } } });
    room.run(ready('a'));
    expect(up()).toBe(true);
    room.run(ready('b'));
    expect(room.state.transports.get('rec')?.result).toEqual({ storage: { host: 'h', file: 'a' } });
  });

  it('keeps no result that the log could not give back', () => {
    const room = ScriptedRoom.mixing();
    const request: ServerSessionRequest = {
      kind: 'analytics',
      body: { algorithm: 'a', media: { video: { from: common } } },
    };
    let deep: unknown = 1;
    for (let level = 0; level < 200; level += 1) deep = [deep];
    for (const [id, analytics, kept] of [
      ['good', { found: [1, 'x'] }, { analytics: { found: [1, 'x'] } }],
      ['deep', { deep }, {}],
      ['large', { text: 'x'.repeat(20_000) }, {}],
    ] as const) {
      room.run(start(id, request));
      room.run(place(id));
      room.run(report('w1', { type: 'transport-ready', transport: id, result: { analytics } }));
      expect(room.state.transports.get(id), id).toMatchObject({ phase: 'ready', result: kept });
    }
  });

  it('is not for clients to put their own streams on', () => {
    const room = ScriptedRoom.mixing({ sip }).join('a');
    room.run(start('call', calling(common)));
    const intruding = publishCommand('call', 's', ['audio'], { id: 'call', firstMid: 7 });
    expect(room.refusal(intruding)).toBe('Transport call does NOT exist');
  });

  it('keeps a room from closing', () => {
    const room = ScriptedRoom.mixing();
    room.run(start('rec', recording(both(common))));
    expect(room.events({ type: 'close-if-idle' })).toEqual([]);
    room.run({ type: 'end-session', session: 'rec', kind: 'recording' });
    expect(room.events({ type: 'close-if-idle' })).toMatchObject([{ type: 'room-closed' }]);
  });

  it('cannot be ended as something else, nor can what a client subscribed to', () => {
    const room = ScriptedRoom.mixing().join('a');
    room.subscription('a', 'sub', common);
    room.run(start('rec', recording(both(common))));
    const end = (session: string, kind: 'recording' | 'analytics'): Command => ({
      type: 'end-session',
      session,
      kind,
    });
    expect(room.refusal(end('rec', 'analytics'))).toBe('Delete type not match');
    expect(room.refusal(end('sub', 'recording'))).toBe('Delete type not match');
    expect(room.refusal(end('none', 'recording'))).toBe('There is no recording none');
  });
});

describe('an update that its worker cannot do', () => {
  const update = (from: string): Command => ({
    type: 'update-session',
    session: 'rec',
    kind: 'recording',
    changes: { video: { from } },
  });
  const failed = report('w1', {
    type: 'subscription-failed',
    subscription: 'rec',
    reason: 'no',
    revision: 1,
  });

  function updating(): ScriptedRoom {
    const room = ScriptedRoom.mixing().join('a', 'b').stream('a', 'cam').stream('b', 'other');
    recorded(room, 'rec', { audio: false, video: { from: 'cam' } });
    expect(room.events(update('other'))).toMatchObject([{ type: 'subscription-replaced' }]);
    return room;
  }
  const state = (room: ScriptedRoom) => {
    const { revision, restore, tracks } = room.state.subscriptions.get('rec') ?? {};
    return { revision, updating: restore !== undefined, from: tracks?.[0]?.from };
  };

  it('is taken back', () => {
    const room = updating();
    expect(state(room)).toEqual({ revision: 1, updating: true, from: 'other' });
    room.run(failed);
    expect(state(room)).toEqual({ revision: 2, updating: false, from: 'cam' });
    // Once more means nothing: that was about what it was to be.
    expect(room.events(failed)).toEqual([]);
  });

  it('ends it when what it was is gone by then', () => {
    const room = updating();
    room.run({ type: 'unpublish', actor: 'server', session: 'cam' });
    expect(state(room)).toEqual({ revision: 1, updating: true, from: 'other' });
    room.run(failed);
    expect(serverSession(room.state, 'rec')).toBeUndefined();
  });

  it('is done when its worker says so, whatever it says of the one before', () => {
    const room = updating();
    room.run(report('w1', { type: 'subscription-ready', subscription: 'rec' }));
    expect(state(room).updating).toBe(true);
    room.run(report('w1', { type: 'subscription-ready', subscription: 'rec', revision: 1 }));
    expect(state(room)).toEqual({ revision: 1, updating: false, from: 'other' });
    room.run({ type: 'give-up-session', session: 'rec', reason: 'late' });
    expect(state(room).from).toBe('other');
  });

  it('keeps the parameters it has with another source', () => {
    const room = ScriptedRoom.mixing().join('a').stream('a', 'cam');
    recorded(room, 'rec', { audio: false, video: { from: 'cam', parameters: { framerate: 15 } } });
    room.run({
      type: 'update-session',
      session: 'rec',
      kind: 'recording',
      changes: { video: { from: common, parameters: { bitrate: 'x0.8' } } },
    });
    expect(room.state.subscriptions.get('rec')?.tracks).toMatchObject([
      { from: common, format: { codec: 'vp8' }, parameters: { framerate: 15, bitrate: 'x0.8' } },
    ]);
  });

  it('must be of a kind that it has', () => {
    const room = updating();
    room.run(failed);
    const audio: Command = {
      type: 'update-session',
      session: 'rec',
      kind: 'recording',
      changes: { audio: { status: 'inactive' } },
    };
    expect(room.refusal(audio)).toBe('Target audio does NOT exist');
  });
});
