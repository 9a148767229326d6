// Owns the tests of which mixers a room needs: their inputs, their outputs, and who is carried by which.
import { describe, expect, it } from 'vitest';
import type { WantedParameters } from '../../schemas/request.ts';
import type { DesiredMixer, Format } from '../../schemas/worker.ts';
import { plan } from './plan.ts';
import { ScriptedRoom, readyCommand, reported, roomId, subscribeCommand } from './scripted-room.ts';

const mix = `${roomId}-common`;
const opus: Format = { codec: 'opus', sampleRate: 48000, channelNum: 2 };
const vp8: Format = { codec: 'vp8' };
const vp9: Format = { codec: 'vp9' };

/** A mixing room with `a` and `b`, `a` in the common view; everything on `w1`. */
function mixingRoom(settings: Readonly<Record<string, unknown>> = {}): ScriptedRoom {
  const room = ScriptedRoom.mixing(settings).join('a', 'b').stream('a', 'sa');
  room.run({ type: 'mix', actor: 'server', stream: 'sa', view: 'common' });
  room.run({ type: 'place-mixing', worker: 'w1' });
  return room;
}

/** The same without views. */
function forwardRoom(): ScriptedRoom {
  const room = ScriptedRoom.mixing({ views: [] }).join('a', 'b').stream('a', 'sa');
  room.run({ type: 'place-mixing', worker: 'w1' });
  return room;
}

/** Subscribes on a transport of its own and settles on the formats, first mid first. */
function watch(
  room: ScriptedRoom,
  owner: string,
  id: string,
  formats: readonly Format[] = [opus, vp8],
  parameters?: WantedParameters,
  from = mix,
): void {
  const kinds = formats.map(({ codec }) => (codec === 'opus' || codec === 'pcmu' ? 'audio' : 'video'));
  const command = subscribeCommand(owner, id, from, kinds);
  const tracks = command.request.media?.tracks.map((track) =>
    track.type === 'video' && parameters !== undefined ? { ...track, parameters } : track,
  );
  room.run({ ...command, request: { media: { tracks: tracks ?? [] } } });
  room.run({ type: 'place-transport', transport: id, worker: 'w1' });
  negotiate(room, id, formats);
}

function negotiate(room: ScriptedRoom, subscription: string, formats: readonly Format[]): void {
  const tracks = formats.map((format, index) => ({ mid: String(index), format }));
  room.run({ type: 'report', worker: 'w1', item: { type: 'subscription-negotiated', subscription, tracks } });
}

function mixers(room: ScriptedRoom): readonly DesiredMixer[] {
  return [...plan(room.state).desired.values()].flatMap((document) => document.mixers);
}

/** `<id>: <inputs> -> <outputs>`, without the mixed stream's id. */
function sketch(room: ScriptedRoom): string[] {
  return mixers(room).map((mixer) => {
    const inputs = mixer.inputs.map((input) => ('id' in input ? input.id : input.track)).join(' ');
    const outputs = mixer.outputs
      .map((output) => (typeof output === 'string' ? output : output.track))
      .join(' ');
    return `${mixer.id}: ${inputs} -> ${outputs}`.replaceAll(mix, 'mix');
  });
}

/** The tracks that carry a subscription, first mid first. */
function carried(room: ScriptedRoom, id: string): (string | undefined)[] {
  const transports = [...plan(room.state).desired.values()].flatMap((document) => document.transports);
  const found = transports.flatMap(({ subscriptions }) => subscriptions).find((each) => each.id === id);
  return found?.tracks.map(({ from }) => from?.replace(mix, 'mix')) ?? [];
}

describe('a subscription to a mixed stream', () => {
  it('has no source until its formats are settled', () => {
    const room = mixingRoom();
    room.run(subscribeCommand('b', 'sub', mix));
    room.run({ type: 'place-transport', transport: 'sub', worker: 'w1' });
    expect(carried(room, 'sub')).toEqual([undefined, undefined]);
    negotiate(room, 'sub', [opus, vp8]);
    expect(carried(room, 'sub')).toEqual(['mix/opus_48000_2', 'mix/vp8']);
    expect(sketch(room)).toEqual(['mix/audio: sa-0 -> mix/opus_48000_2', 'mix/video: sa-1 -> mix/vp8']);
  });

  it('is negotiated in the order of the offer, among all that the view offers, and then keeps its format', () => {
    const room = mixingRoom();
    room.run(subscribeCommand('b', 'sub', mix));
    room.run({ type: 'place-transport', transport: 'sub', worker: 'w1' });
    const lists = () =>
      plan(room.state)
        .desired.get('w1')
        ?.transports.at(-1)
        ?.subscriptions[0]?.tracks.map(({ formats, preference }) => [
          preference,
          ...formats.map(({ codec }) => codec),
        ]);
    expect(lists()).toEqual([
      ['offer', 'opus', 'g722', 'pcma', 'pcmu'],
      ['offer', 'vp8', 'h264', 'h264', 'vp9'],
    ]);
    negotiate(room, 'sub', [{ codec: 'pcmu' }, vp9]);
    expect(lists()).toEqual([
      ['offer', 'pcmu'],
      ['offer', 'vp9'],
    ]);
  });
});

describe('the mixers of a view', () => {
  it('say in full what is composed and what is made of it', () => {
    const room = mixingRoom();
    watch(room, 'b', 'sub', [opus, vp8], {
      resolution: { width: 320, height: 240 },
      framerate: 15,
      bitrate: 'x0.8',
    });
    const input = { stream: 'sa', active: true };
    const area = { left: '0/1', top: '0/1', width: '1/1', height: '1/1' };
    expect(mixers(room)).toEqual([
      {
        kind: 'audio',
        id: `${mix}/audio`,
        inputs: [{ id: 'sa-0', owner: 'a', track: 'sa-0', format: opus, ...input }],
        outputs: [{ track: `${mix}/opus_48000_2`, format: opus }],
        voice: { attention: 0 },
      },
      {
        kind: 'video',
        id: `${mix}/video`,
        background: { r: 0, g: 0, b: 0 },
        fit: 'letterbox',
        inputs: [
          {
            id: 'sa-1',
            layers: [{ track: 'sa-1', format: vp8 }],
            region: { id: '1', shape: 'rectangle', area },
            ...input,
          },
        ],
        outputs: [
          {
            track: `${mix}/vp8_320x240_15fps_x0.8`,
            format: vp8,
            resolution: { width: 320, height: 240 },
            framerate: 15,
            // d = 320 × 240 × 15 / 30 = 38,400 → 200 kbit/s
            bitrateKbps: 200 * 1.2 * 0.8 * 0.8,
            keyFrameInterval: 100,
          },
        ],
        companion: `${mix}/audio`,
      },
    ]);
  });

  it('share an output among equal wishes, also of who asks for what the view has anyway', () => {
    const room = mixingRoom().join('c', 'd', 'e');
    watch(room, 'b', 's1');
    watch(room, 'c', 's2');
    watch(room, 'd', 's3', [opus, vp8], {
      resolution: { width: 640, height: 480 },
      framerate: 24,
      bitrate: 'x1',
    });
    watch(room, 'e', 's4', [{ codec: 'pcmu' }, vp9]);
    expect(sketch(room)).toEqual([
      'mix/audio: sa-0 -> mix/opus_48000_2 mix/pcmu',
      'mix/video: sa-1 -> mix/vp8 mix/vp9',
    ]);
    room.run({ type: 'leave', participant: 'e' });
    expect(sketch(room)).toEqual(['mix/audio: sa-0 -> mix/opus_48000_2', 'mix/video: sa-1 -> mix/vp8']);
  });

  it('make one H.264 for all profiles', () => {
    const room = mixingRoom().join('c');
    watch(room, 'b', 's1', [{ codec: 'h264', profile: 'CB' }]);
    watch(room, 'c', 's2', [{ codec: 'h264', profile: 'B' }]);
    expect([carried(room, 's1'), carried(room, 's2')]).toEqual([['mix/h264_CB'], ['mix/h264_CB']]);
  });

  it('room-model#25 leave out who speaks from what it hears; a viewer hears all', () => {
    const room = mixingRoom();
    room.joinAs('v', 'viewer');
    watch(room, 'a', 's1', [opus]);
    watch(room, 'v', 's2', [opus]);
    expect([carried(room, 's1'), carried(room, 's2')]).toEqual([
      ['mix/opus_48000_2/without/a'],
      ['mix/opus_48000_2'],
    ]);
    const [audio] = mixers(room);
    expect(audio?.outputs).toEqual([
      { track: `${mix}/opus_48000_2/without/a`, format: opus, without: 'a' },
      { track: `${mix}/opus_48000_2`, format: opus },
    ]);
  });

  it('give who may publish but is not in the mix what everybody hears', () => {
    const room = mixingRoom();
    watch(room, 'b', 's1', [opus]);
    expect(carried(room, 's1')).toEqual(['mix/opus_48000_2']);
    room.stream('b', 'sb');
    expect(carried(room, 's1')).toEqual(['mix/opus_48000_2']);
    room.run({ type: 'mix', actor: 'server', stream: 'sb', view: 'common' });
    expect(carried(room, 's1')).toEqual(['mix/opus_48000_2/without/b']);
  });

  it('carry a muted input as inactive', () => {
    const room = mixingRoom();
    watch(room, 'b', 's1');
    const pause = { type: 'set-stream-status', actor: 'server', stream: 'sa', operation: 'pause' } as const;
    room.run({ ...pause, media: 'video' });
    const active = mixers(room).map(({ inputs }) => inputs.map((input) => input.active));
    expect(active).toEqual([[true], [false]]);
  });

  it('take all layers of a simulcast input, and nothing that cannot be decoded', () => {
    const room = mixingRoom();
    const layer = (rid: string, width: number) =>
      reported('sa', '1', 'video', { rid, resolution: { width, height: width / 2 } });
    const tracks = [
      reported('sa', '0', 'audio', { format: { codec: 'isac', sampleRate: 16000 } }),
      layer('q', 160),
      layer('f', 640),
    ];
    room.run({
      type: 'report',
      worker: 'w1',
      item: { type: 'publication-changed', publication: 'sa', tracks },
    });
    watch(room, 'b', 's1');
    const [audio, video] = mixers(room);
    expect(audio?.inputs).toEqual([]);
    expect(video?.inputs).toMatchObject([
      {
        id: 'sa-1',
        layers: [
          { track: 'sa-1:q', resolution: { width: 160, height: 80 } },
          { track: 'sa-1:f', resolution: { width: 640, height: 320 } },
        ],
      },
    ]);
  });

  it('listen for voices without any subscriber, but not without inputs, and not where nothing follows them', () => {
    expect(sketch(mixingRoom())).toEqual(['mix/audio: sa-0 -> ']);
    expect(mixers(mixingRoom())[0]).toMatchObject({ voice: { attention: 0 } });
    const silent = mixingRoom();
    silent.run({ type: 'unmix', actor: 'server', stream: 'sa', view: 'common' });
    expect(mixers(silent)).toEqual([]);
    expect(mixers(mixingRoom({ views: [{ audio: { vad: false } }] }))).toEqual([]);
    expect(mixers(mixingRoom({ views: [{ video: false }] }))).toEqual([]);
  });

  it('run on the worker they were given, in a document of their own where that has no transports', () => {
    const room = mixingRoom();
    room.run({ type: 'place-mixing', worker: 'w2' });
    const { mixes, desired } = plan(room.state);
    expect(mixes).toBe('audio');
    expect(desired.get('w1')?.mixers).toEqual([]);
    expect(desired.get('w2')).toMatchObject({ transports: [], mixers: [{ id: `${mix}/audio` }] });
    room.run({ type: 'worker-lost', worker: 'w2', reason: 'gone' });
    expect(room.state.mixing).toBeUndefined();
    expect(plan(room.state).desired.get('w1')?.mixers).toEqual([]);
  });
});

describe('a subscription to a forward stream', () => {
  it('is carried by the stream itself, as long as it asks for nothing else', () => {
    const room = forwardRoom();
    watch(room, 'b', 'sub', [opus, vp8], undefined, 'sa');
    expect(carried(room, 'sub')).toEqual(['sa-0', 'sa-1']);
    expect(mixers(room)).toEqual([]);
    expect(room.state.subscriptions.get('sub')?.tracks.map(({ format }) => format)).toEqual([
      undefined,
      undefined,
    ]);
  });

  it('room-model#24 gets another format made for it', () => {
    const room = forwardRoom();
    watch(room, 'b', 'sub', [{ codec: 'pcmu' }, { codec: 'h264', profile: 'B' }], undefined, 'sa');
    expect(carried(room, 'sub')).toEqual(['sa-0/pcmu', 'sa-1/h264_CB']);
    expect(mixers(room)).toMatchObject([
      { kind: 'audio', id: 'sa-0/audio', inputs: [{ track: 'sa-0' }], outputs: [{ track: 'sa-0/pcmu' }] },
      {
        kind: 'video',
        id: 'sa-1/video',
        inputs: [{ layers: [{ track: 'sa-1' }], region: { area: { width: '1/1', height: '1/1' } } }],
        // Of unknown size: as for 640×480 at 30 frames/s.
        outputs: [{ track: 'sa-1/h264_CB', framerate: 30, bitrateKbps: 800, keyFrameInterval: 100 }],
      },
    ]);
    expect(mixers(room)[1]?.outputs[0]).not.toHaveProperty('resolution');
  });

  it('shares one transcoder with others, and takes their numbers from the real size', () => {
    const room = forwardRoom().join('c', 'd');
    const tracks = [
      reported('sa', '0', 'audio'),
      reported('sa', '1', 'video', { resolution: { width: 1280, height: 720 } }),
    ];
    room.run({
      type: 'report',
      worker: 'w1',
      item: { type: 'publication-changed', publication: 'sa', tracks },
    });
    watch(room, 'b', 's1', [opus, vp8], { bitrate: 'x0.4' }, 'sa');
    watch(room, 'c', 's2', [opus, vp8], { bitrate: 'x0.4' }, 'sa');
    watch(
      room,
      'd',
      's3',
      [opus, vp8],
      { resolution: { width: 640, height: 360 }, keyFrameInterval: 2 },
      'sa',
    );
    expect(sketch(room)).toEqual(['sa-1/video: sa-1 -> sa-1/vp8_x0.4 sa-1/vp8_640x360_2s']);
    expect(mixers(room)[0]?.outputs).toMatchObject([
      { bitrateKbps: 2000 * 1.2 * 0.4, framerate: 30 },
      { resolution: { width: 640, height: 360 }, keyFrameInterval: 2 },
    ]);
  });

  it('is carried by the stream itself once its size turns out to be the one that was asked for', () => {
    const room = forwardRoom();
    const size = { width: 640, height: 480 };
    watch(room, 'b', 'sub', [opus, vp8], { resolution: size }, 'sa');
    expect(carried(room, 'sub')).toEqual(['sa-0', 'sa-1/vp8_640x480']);
    const tracks = [reported('sa', '0', 'audio'), reported('sa', '1', 'video', { resolution: size })];
    room.run({
      type: 'report',
      worker: 'w1',
      item: { type: 'publication-changed', publication: 'sa', tracks },
    });
    expect(carried(room, 'sub')).toEqual(['sa-0', 'sa-1']);
  });

  it('is never transcoded from a simulcast layer', () => {
    const room = forwardRoom();
    const layers = ['q', 'f'].map((rid) => reported('sa', '1', 'video', { rid }));
    const tracks = [reported('sa', '0', 'audio'), ...layers];
    room.run({
      type: 'report',
      worker: 'w1',
      item: { type: 'publication-changed', publication: 'sa', tracks },
    });
    watch(room, 'b', 'sub', [opus, vp9], undefined, 'sa');
    expect(carried(room, 'sub')).toEqual(['sa-0', 'sa-1:q']);
  });

  it('leaves no transcoder behind', () => {
    const room = forwardRoom();
    watch(room, 'b', 'sub', [opus, vp9], undefined, 'sa');
    expect(mixers(room)).toHaveLength(1);
    room.run({ type: 'unsubscribe', actor: 'server', session: 'sub' });
    expect(mixers(room)).toEqual([]);
    expect(plan(room.state).mixes).toBe(false);
  });
});

it('a publication that was reported twice is planned once', () => {
  const room = mixingRoom();
  room.run(readyCommand('sa'));
  expect(sketch(room)).toEqual(['mix/audio: sa-0 -> ']);
});
