// Owns the tests of subscribing: sources, acceptance, updates, ends.
import { describe, expect, it } from 'vitest';
import type { SubscribeRequest, WantedParameters } from '../../schemas/request.ts';
import type { ReportedTrack } from '../../schemas/worker.ts';
import type { Command } from './command.ts';
import {
  ScriptedRoom,
  joinCommand,
  publishCommand,
  readyCommand,
  reported,
  subscribeCommand,
  toldTo,
} from './scripted-room.ts';

type WantedTrack = NonNullable<SubscribeRequest['media']>['tracks'][number];

function subscribe(participant: string, session: string, ...tracks: readonly WantedTrack[]): Command {
  return { type: 'subscribe', participant, session, request: { media: { tracks: [...tracks] } } };
}

function publishReady(room: ScriptedRoom, owner: string, id: string, tracks: readonly ReportedTrack[]): void {
  const kinds = new Map(tracks.map((track) => [track.mid, track.kind]));
  room.run(publishCommand(owner, id, [...kinds.values()]));
  room.run({ type: 'place-transport', transport: id, worker: 'w1' });
  room.run({
    type: 'report',
    worker: 'w1',
    item: { type: 'publication-ready', publication: id, tracks: [...tracks] },
  });
}

describe('subscribe', () => {
  it('leads each wish to a track, over transports and streams', () => {
    const room = ScriptedRoom.open().join('a', 'b', 'c').stream('a', 'sa').stream('b', 'sb', ['video']);
    const parameters = { bitrate: 'x1' };
    const events = room.events(
      subscribe(
        'c',
        'sub',
        { type: 'audio', mid: '0', from: 'sa' },
        { type: 'video', mid: '1', from: 'sb', parameters },
      ),
    );
    expect(events).toEqual([
      {
        type: 'transport-opened',
        transport: 'sub',
        owner: 'c',
        purpose: 'webrtc',
        origin: { isp: 'isp', region: 'region' },
      },
      {
        type: 'subscription-requested',
        subscription: 'sub',
        owner: 'c',
        transport: 'sub',
        tracks: [
          { mid: '0', kind: 'audio', from: 'sa', stream: 'sa', track: 'sa-0', status: 'active' },
          {
            mid: '1',
            kind: 'video',
            from: 'sb',
            stream: 'sb',
            track: 'sb-0',
            parameters,
            status: 'active',
          },
        ],
      },
    ]);
  });

  it('tells its owner alone when it is ready, once', () => {
    const room = ScriptedRoom.open().join('a', 'b').stream('a', 'sa');
    expect(room.run(subscribeCommand('b', 'sub', 'sa'))).toEqual([]);
    room.run({ type: 'place-transport', transport: 'sub', worker: 'w1' });
    const ready = {
      type: 'report',
      worker: 'w1',
      item: { type: 'subscription-ready', subscription: 'sub' },
    } as const;
    expect(room.run(ready)).toEqual([
      {
        audience: { to: 'one', participant: 'b' },
        notice: { type: 'session-ready', transport: 'sub', session: 'sub' },
      },
    ]);
    expect(room.run(ready)).toEqual([]);
  });

  it.each([
    { role: 'audio_only_presenter', kinds: ['video'] as const, text: 'unauthorized' },
    { role: 'audio_only_presenter', kinds: ['audio', 'video'] as const, text: 'unauthorized' },
    { role: 'audio_only_presenter', kinds: ['audio'] as const, text: undefined },
    { role: 'video_only_viewer', kinds: ['audio'] as const, text: 'unauthorized' },
    { role: 'viewer', kinds: ['audio', 'video'] as const, text: undefined },
  ])('room-model#15 $role subscribing $kinds: $text', ({ role, kinds, text }) => {
    const room = ScriptedRoom.open().join('a').stream('a', 'sa');
    room.joinAs('b', role);
    expect(room.refusal(subscribeCommand('b', 'sub', 'sa', kinds))).toBe(text);
  });

  it.each<{ name: string; request: SubscribeRequest; text: string }>([
    { name: 'no media', request: { media: null }, text: 'Nothing to subscribe' },
    { name: 'no tracks', request: { media: { tracks: [] } }, text: 'Nothing to subscribe' },
    {
      name: 'data',
      request: { media: null, data: { from: 'sa' } },
      text: 'Data and quic streams are not supported',
    },
    {
      name: 'an unknown source',
      request: { media: { tracks: [{ type: 'audio', mid: '0', from: 'x' }] } },
      text: 'Target audio stream does NOT satisfy:Requested audio stream',
    },
    {
      name: 'a stream without that kind',
      request: { media: { tracks: [{ type: 'video', mid: '0', from: 'only-audio' }] } },
      text: 'Target video stream does NOT satisfy:Requested video stream',
    },
    {
      name: 'a track of the other kind',
      request: { media: { tracks: [{ type: 'video', mid: '0', from: 'sa-0' }] } },
      text: 'Target video stream does NOT satisfy:Requested video stream',
    },
    {
      name: 'a connecting stream',
      request: { media: { tracks: [{ type: 'audio', mid: '0', from: 'connecting' }] } },
      text: 'Target audio stream does NOT satisfy:Requested audio stream',
    },
    {
      name: 'a mid in use by a subscription',
      request: {
        media: { tracks: [{ type: 'audio', mid: '0', from: 'sa' }] },
        transport: { id: 'sub' },
      },
      text: 'Mid 0 is in use on transport sub',
    },
  ])('refuses $name', ({ request, text }) => {
    const room = ScriptedRoom.open().join('a').stream('a', 'sa').stream('a', 'only-audio', ['audio']);
    room.run(publishCommand('a', 'connecting'));
    room.subscription('a', 'sub', 'sa');
    expect(room.refusal({ type: 'subscribe', participant: 'a', session: 'new', request })).toBe(text);
  });

  it('refuses who has not joined, and an id in use', () => {
    const room = ScriptedRoom.open().join('a').stream('a', 'sa').subscription('a', 'sub', 'sa');
    expect(room.refusal(subscribeCommand('x', 'new', 'sa'))).toBe('Participant has not joined');
    expect(room.refusal(subscribeCommand('a', 'sub', 'sa'))).toBe('Subscription exists');
    expect(room.refusal(subscribeCommand('a', 'sa', 'sa'))).toBe('Subscription exists');
  });
});

describe('what a subscriber may ask of a forward stream when nothing transcodes', () => {
  const opus = { codec: 'opus', sampleRate: 48000, channelNum: 2 };
  it.each<{ format: NonNullable<WantedTrack['format']>; why: string | undefined }>([
    { format: opus, why: undefined },
    { format: { codec: 'opus' }, why: 'Format is not acceptable' },
    { format: { codec: 'pcmu' }, why: 'Format is not acceptable' },
  ])('audio $format: $why', ({ format, why }) => {
    const room = ScriptedRoom.open().join('a').stream('a', 'sa');
    const text = why === undefined ? undefined : `Target audio stream does NOT satisfy:${why}`;
    expect(room.refusal(subscribe('a', 'sub', { type: 'audio', mid: '0', from: 'sa', format }))).toBe(text);
  });

  it.each([
    { have: { codec: 'vp8' }, want: { codec: 'vp8' }, ok: true },
    { have: { codec: 'vp8' }, want: { codec: 'h264' }, ok: false },
    { have: { codec: 'h264', profile: 'CB' }, want: { codec: 'h264' }, ok: true },
    { have: { codec: 'h264', profile: 'CB' }, want: { codec: 'h264', profile: 'B' }, ok: true },
    { have: { codec: 'h264', profile: 'B' }, want: { codec: 'h264', profile: 'CB' }, ok: false },
    { have: { codec: 'h264' }, want: { codec: 'h264', profile: 'CB' }, ok: true },
  ] as const)('video $want of a $have source: $ok', ({ have, want, ok }) => {
    const room = ScriptedRoom.open().join('a');
    publishReady(room, 'a', 's', [reported('s', '0', 'video', { format: have })]);
    const wish = { type: 'video', mid: '0', from: 's', format: want } as const;
    expect(room.refusal(subscribe('a', 'sub', wish))).toBe(
      ok ? undefined : 'Target video stream does NOT satisfy:Format is not acceptable',
    );
  });

  const vga = { width: 640, height: 480 };
  const qvga = { width: 320, height: 240 };
  it.each<{ known?: typeof vga; parameters: WantedParameters; why: string | undefined }>([
    { parameters: { resolution: qvga }, why: undefined },
    { known: vga, parameters: {}, why: undefined },
    { known: vga, parameters: { resolution: vga }, why: undefined },
    { known: vga, parameters: { resolution: qvga }, why: 'Resolution is not acceptable' },
    {
      known: vga,
      parameters: { resolution: { width: 640, height: 360 } },
      why: 'Resolution is not acceptable',
    },
    { parameters: { framerate: 15 }, why: 'Framerate is not acceptable' },
    { parameters: { bitrate: 'x0.8' }, why: 'Bitrate is not acceptable' },
    { parameters: { bitrate: 500 }, why: 'Bitrate is not acceptable' },
    { parameters: { bitrate: 'x1' }, why: undefined },
    { parameters: { bitrate: 'x1.0' }, why: undefined },
    { parameters: { keyFrameInterval: 5 }, why: 'KeyFrameInterval is not acceptable' },
    {
      known: vga,
      parameters: { resolution: qvga, framerate: 15, bitrate: 'x0.5', keyFrameInterval: 5 },
      why: 'Resolution is not acceptable',
    },
  ])('$parameters of a source of $known: $why', ({ known, parameters, why }) => {
    const room = ScriptedRoom.open().join('a');
    const size = known === undefined ? {} : { resolution: known };
    publishReady(room, 'a', 's', [reported('s', '0', 'video', size)]);
    const text = why === undefined ? undefined : `Target video stream does NOT satisfy:${why}`;
    expect(room.refusal(subscribe('a', 'sub', { type: 'video', mid: '0', from: 's', parameters }))).toBe(
      text,
    );
  });
});

describe('simulcast', () => {
  function simulcastRoom(): ScriptedRoom {
    const room = ScriptedRoom.open().join('a', 'b');
    publishReady(room, 'a', 's', [
      reported('s', '0', 'video', { rid: 'q', resolution: { width: 320, height: 180 } }),
      reported('s', '0', 'video', { rid: 'h', resolution: { width: 640, height: 360 } }),
      reported('s', '0', 'video', { rid: 'f' }),
    ]);
    return room;
  }
  const layerOf = (room: ScriptedRoom) => room.state.subscriptions.get('sub')?.tracks[0]?.track;

  it('a stream id leads to the first layer, a track id to that layer', () => {
    const room = simulcastRoom();
    room.run(subscribeCommand('b', 'sub', 's', ['video']));
    expect(layerOf(room)).toBe('s-0:q');
    room.run(subscribeCommand('b', 'sub2', 's-0:f', ['video']));
    expect(room.state.subscriptions.get('sub2')?.tracks[0]).toMatchObject({
      stream: 's',
      track: 's-0:f',
    });
    expect(room.refusal(subscribeCommand('b', 'sub3', 's-0:x', ['video']))).toBe(
      'Target video stream does NOT satisfy:Requested video stream',
    );
  });

  it('a resolution leads to the layer that has it, or is refused', () => {
    const room = simulcastRoom();
    const wish = (width: number, height: number) =>
      subscribe('b', 'sub', {
        type: 'video',
        mid: '0',
        from: 's',
        parameters: { resolution: { width, height } },
      });
    expect(room.refusal(wish(100, 100))).toBe(
      'Target video stream does NOT satisfy:Resolution is not acceptable',
    );
    room.run(wish(640, 360));
    expect(layerOf(room)).toBe('s-0:h');
  });

  it('an update goes over to another layer', () => {
    const room = simulcastRoom();
    room.subscription('b', 'sub', 's-0:f', ['video']);
    const update = {
      type: 'update-subscription',
      actor: { participant: 'b' },
      subscription: 'sub',
      video: { from: 's-0:q' },
    } as const;
    expect(room.run(update)).toEqual([]);
    expect(room.state.subscriptions.get('sub')).toMatchObject({
      phase: 'ready',
      tracks: [{ mid: '0', from: 's-0:q', stream: 's', track: 's-0:q' }],
    });
    expect(room.events(update)).toEqual([]);
  });
});

describe('update-subscription', () => {
  type Update = Omit<Extract<Command, { type: 'update-subscription' }>, 'type' | 'actor' | 'subscription'>;
  const update = (changes: Update, participant = 'b', subscription = 'sub'): Command => ({
    type: 'update-subscription',
    actor: { participant },
    subscription,
    ...changes,
  });
  function room(): ScriptedRoom {
    const made = ScriptedRoom.open().join('a', 'b').stream('a', 'sa').stream('a', 'sb');
    publishReady(made, 'a', 'other', [reported('other', '0', 'video', { format: { codec: 'vp9' } })]);
    return made.subscription('b', 'sub', 'sa').subscription('b', 'deaf', 'sa', ['video']);
  }

  it('that changes nothing is accepted without events', () => {
    for (const changes of [
      {},
      { video: {} },
      { audio: { from: 'sa' } },
      { audio: { from: 'sa' }, video: { from: 'sa' } },
    ]) {
      expect(room().events(update(changes))).toEqual([]);
    }
  });

  it('changes the source of one kind and leaves the other, its status kept', () => {
    const made = room();
    made.run({
      type: 'set-subscription-status',
      actor: { participant: 'b' },
      subscription: 'sub',
      operation: 'pause',
      media: 'video',
    });
    made.run(update({ video: { from: 'sb' } }));
    expect(made.state.subscriptions.get('sub')?.tracks).toMatchObject([
      { kind: 'audio', from: 'sa', track: 'sa-0', status: 'active' },
      { kind: 'video', from: 'sb', track: 'sb-1', status: 'inactive' },
    ]);
  });

  it('remembers parameters until the source changes', () => {
    const made = room();
    const parametersOf = () => made.state.subscriptions.get('sub')?.tracks[1]?.parameters;
    expect(made.events(update({ video: { parameters: { bitrate: 'x1' } } }))).toHaveLength(1);
    expect(made.events(update({ video: { parameters: { bitrate: 'x1' } } }))).toEqual([]);
    expect(made.events(update({ video: { from: 'sa' } }))).toEqual([]);
    expect(parametersOf()).toEqual({ bitrate: 'x1' });
    made.run(update({ video: { from: 'sb' } }));
    expect(parametersOf()).toBeUndefined();
  });

  it.each<{ name: string; command: Command; text: string }>([
    {
      name: 'unknown subscription',
      command: update({}, 'b', 'x'),
      text: 'Subscription does NOT exist',
    },
    { name: 'not the owner', command: update({}, 'a'), text: 'unauthorized' },
    {
      name: 'no audio',
      command: update({ audio: { from: 'sb' } }, 'b', 'deaf'),
      text: 'Target subscription does NOT have audio to update',
    },
    {
      name: 'unknown source',
      command: update({ video: { from: 'x' } }),
      text: 'Target video stream does NOT satisfy:Requested video stream',
    },
    {
      name: 'unknown audio source',
      command: update({ audio: { from: 'other' } }),
      text: 'Target audio stream does NOT satisfy:Requested audio stream',
    },
    {
      name: 'another codec than was negotiated',
      command: update({ video: { from: 'other' } }),
      text: 'Target video stream does NOT satisfy:Format is not acceptable',
    },
    {
      name: 'parameters nobody can make',
      command: update({ video: { parameters: { framerate: 15 } } }),
      text: 'Target video stream does NOT satisfy:Framerate is not acceptable',
    },
  ])('refuses: $name', ({ command, text }) => {
    expect(room().refusal(command)).toBe(text);
  });

  it('gives no other source to who lost the right, but lets the server choose', () => {
    const made = room();
    made.run({
      type: 'patch-participant',
      participant: 'b',
      patch: [{ op: 'replace', path: '/permission/subscribe/video', value: false }],
    });
    expect(made.refusal(update({ video: { from: 'sb' } }))).toBe('unauthorized');
    expect(made.refusal(update({ video: { parameters: { bitrate: 'x1' } } }))).toBeUndefined();
    const byServer = { ...update({ video: { from: 'sb' } }), actor: 'server' } as const;
    expect(made.refusal(byServer)).toBeUndefined();
  });
});

describe('unsubscribe', () => {
  it('by the owner is told to nobody; by the server to the owner', () => {
    const room = ScriptedRoom.open().join('a', 'b').stream('a', 'sa');
    room.subscription('b', 'one', 'sa').subscription('b', 'two', 'sa');
    expect(room.run({ type: 'unsubscribe', actor: { participant: 'b' }, session: 'one' })).toEqual([]);
    expect(toldTo('b', room.run({ type: 'unsubscribe', actor: 'server', session: 'two' }))).toMatchObject([
      { type: 'session-ended', session: 'two' },
    ]);
    expect(room.state.subscriptions.size).toBe(0);
  });

  it('of another is refused', () => {
    const room = ScriptedRoom.open().join('a', 'b').stream('a', 'sa').subscription('b', 'sub', 'sa');
    expect(room.refusal({ type: 'unsubscribe', actor: { participant: 'a' }, session: 'sub' })).toBe(
      'unauthorized',
    );
  });
});

describe('command ids', () => {
  it('the highest of a participant is folded with its events', () => {
    const room = ScriptedRoom.open();
    room.events(joinCommand('a'), { participant: 'a', cid: 3 });
    expect(room.state.participants.get('a')?.lastCid).toBe(3);
    room.events(publishCommand('a', 's'), { participant: 'a', cid: 7 });
    room.events({ type: 'place-transport', transport: 's', worker: 'w1' });
    room.events(readyCommand('s'), { participant: 'a', cid: 5 });
    expect(room.state.participants.get('a')?.lastCid).toBe(7);
    room.events({ type: 'leave', participant: 'a' }, { participant: 'a', cid: 8 });
    expect(room.state.participants.size).toBe(0);
  });
});
