// Owns the tests of what workers report, of placement, and of a lost worker.
import { describe, expect, it } from 'vitest';
import type { AudioFormat, VideoFormat } from '../../schemas/media.ts';
import type { ReportItem, ReportedTrack } from '../../schemas/worker.ts';
import type { Command } from './command.ts';
import {
  ScriptedRoom,
  publishCommand,
  readyCommand,
  reported,
  subscribeCommand,
  toldTo,
} from './scripted-room.ts';

function report(item: ReportItem, worker = 'w1'): Command {
  return { type: 'report', worker, item };
}

/** `a` publishes `s`, not yet ready, placed on w1. */
function connecting(settings: Readonly<Record<string, unknown>> = {}): ScriptedRoom {
  const room = ScriptedRoom.open(settings).join('a', 'b');
  room.run(publishCommand('a', 's'));
  room.run({ type: 'place-transport', transport: 's', worker: 'w1' });
  return room;
}

function ready(...tracks: readonly ReportedTrack[]): Command {
  return report({ type: 'publication-ready', publication: 's', tracks: [...tracks] });
}

describe('publication-ready', () => {
  it('shows the stream: the session to its owner, then the stream to all, in no view', () => {
    const room = connecting();
    const notices = room.run(readyCommand('s'));
    expect(notices.map(({ audience, notice }) => [notice.type, audience.to])).toEqual([
      ['session-ready', 'one'],
      ['stream-added', 'all'],
    ]);
    expect(toldTo('b', notices)).toMatchObject([
      { type: 'stream-added', stream: { id: 's', info: { owner: 'a', inViews: [] } } },
    ]);
    expect(room.state.streams.get('s')).toMatchObject({
      phase: 'ready',
      tracks: [
        { id: 's-0', mid: '0', kind: 'audio', source: 'mic', status: 'active' },
        { id: 's-1', mid: '1', kind: 'video', source: 'camera', status: 'active' },
      ],
    });
  });

  it('again gives nothing, even with other tracks', () => {
    const room = connecting();
    room.run(readyCommand('s'));
    expect(room.events(readyCommand('s'))).toEqual([]);
    expect(room.events(ready(reported('s', '0', 'audio')))).toEqual([]);
  });

  const opus: AudioFormat = { codec: 'opus', sampleRate: 48000, channelNum: 2 };
  it.each<{ name: string; tracks: ReportedTrack[]; reason: string }>([
    { name: 'no tracks', tracks: [], reason: 'No valid tracks in stream' },
    {
      name: 'a track that was not requested',
      tracks: [reported('s', '7', 'audio')],
      reason: 'No valid tracks in stream',
    },
    {
      name: 'a track of the other kind',
      tracks: [reported('s', '0', 'video')],
      reason: 'No valid tracks in stream',
    },
    {
      name: 'a format of the other kind',
      tracks: [reported('s', '0', 'audio', { format: { codec: 'vp8' } })],
      reason: 'No valid tracks in stream',
    },
    {
      name: 'audio not in mediaIn',
      tracks: [reported('s', '0', 'audio', { format: { codec: 'opus' } }), reported('s', '1', 'video')],
      reason: 'Audio format unacceptable',
    },
    {
      name: 'video not in mediaIn',
      tracks: [reported('s', '0', 'audio'), reported('s', '1', 'video', { format: { codec: 'av1' } })],
      reason: 'Video format unacceptable',
    },
  ])('with $name ends it before anybody saw it', ({ tracks, reason }) => {
    const room = connecting();
    const notices = room.run(ready(...tracks));
    expect(notices).toEqual([
      {
        audience: { to: 'one', participant: 'a' },
        notice: { type: 'session-ended', transport: 's', session: 's', reason },
      },
    ]);
    expect(room.state.streams.size).toBe(0);
    expect(room.state.transports.has('s')).toBe(true);
  });

  it.each<{ mediaIn: VideoFormat; published: VideoFormat; accepted: boolean }>([
    { mediaIn: { codec: 'h264' }, published: { codec: 'h264', profile: 'M' }, accepted: true },
    {
      mediaIn: { codec: 'h264', profile: 'H' },
      published: { codec: 'h264', profile: 'M' },
      accepted: true,
    },
    {
      mediaIn: { codec: 'h264', profile: 'CB' },
      published: { codec: 'h264', profile: 'M' },
      accepted: false,
    },
  ])('room-model#12 $published into mediaIn $mediaIn: $accepted', ({ mediaIn, published, accepted }) => {
    const room = connecting({ mediaIn: { audio: [opus], video: [mediaIn] } });
    room.run(ready(reported('s', '1', 'video', { format: published })));
    expect(room.state.streams.has('s')).toBe(accepted);
  });

  it('keeps at most four layers of a mid and each track once', () => {
    const room = connecting();
    const layers = ['a', 'a', 'b', 'c', 'd', 'e'].map((rid) => reported('s', '1', 'video', { rid }));
    room.run(ready(...layers));
    expect(room.state.streams.get('s')?.tracks.map(({ rid }) => rid)).toEqual(['a', 'b', 'c', 'd']);
  });
});

describe('publication-changed', () => {
  const changed = (...tracks: readonly ReportedTrack[]): Command =>
    report({ type: 'publication-changed', publication: 's', tracks: [...tracks] });
  const known = reported('s', '1', 'video', { resolution: { width: 640, height: 480 } });

  it('gives all one update with the whole stream, and nothing when it is the same', () => {
    const room = connecting();
    room.run(readyCommand('s'));
    const notices = room.run(changed(reported('s', '0', 'audio'), known));
    expect(notices).toMatchObject([
      {
        audience: { to: 'all' },
        notice: {
          type: 'stream-updated',
          update: {
            field: '.',
            value: { id: 's', media: { tracks: [{}, { parameters: { resolution: { width: 640 } } }] } },
          },
        },
      },
    ]);
    expect(room.events(changed(reported('s', '0', 'audio'), known))).toEqual([]);
  });

  it('before it is ready gives nothing', () => {
    expect(connecting().events(changed(known))).toEqual([]);
  });

  it('to nothing acceptable ends the stream for all', () => {
    const room = connecting();
    room.run(readyCommand('s'));
    room.subscription('b', 'sub', 's');
    const notices = room.run(changed());
    expect(toldTo('a', notices)).toMatchObject([
      { type: 'session-ended', session: 's', reason: 'No valid tracks in stream' },
      { type: 'stream-removed' },
    ]);
    expect(toldTo('b', notices)).toMatchObject([
      { type: 'session-ended', session: 'sub', reason: 'Source stream loss' },
      { type: 'stream-removed' },
    ]);
  });
});

describe('reports that do not count', () => {
  const items: readonly ReportItem[] = [
    { type: 'transport-ready', transport: 's' },
    { type: 'transport-failed', transport: 's', reason: 'x' },
    { type: 'publication-ready', publication: 's', tracks: [reported('s', '0', 'audio')] },
    { type: 'publication-changed', publication: 's', tracks: [] },
    { type: 'publication-failed', publication: 's', reason: 'x' },
    { type: 'subscription-ready', subscription: 'sub' },
    { type: 'subscription-failed', subscription: 'sub', reason: 'x' },
  ];
  it.each(items)('$type of what is gone, from another worker, and of what is nowhere', (item) => {
    expect(ScriptedRoom.open().events(report(item))).toEqual([]);
    const room = ScriptedRoom.open().join('a').stream('a', 'src');
    room.run(publishCommand('a', 's'));
    room.run(subscribeCommand('a', 'sub', 'src'));
    expect(room.events(report(item))).toEqual([]);
    for (const transport of ['s', 'sub']) room.run({ type: 'place-transport', transport, worker: 'w1' });
    expect(room.events(report(item, 'w2'))).toEqual([]);
  });
});

describe('transports', () => {
  it('become ready once, told to the owner', () => {
    const room = connecting();
    const item = { type: 'transport-ready', transport: 's' } as const;
    expect(room.run(report(item))).toEqual([
      { audience: { to: 'one', participant: 'a' }, notice: { type: 'transport-ready', transport: 's' } },
    ]);
    expect(room.events(report(item))).toEqual([]);
  });

  it('are placed once', () => {
    const room = connecting();
    expect(room.events({ type: 'place-transport', transport: 's', worker: 'w2' })).toEqual([]);
    expect(room.events({ type: 'place-transport', transport: 'x', worker: 'w2' })).toEqual([]);
    expect(room.state.transports.get('s')?.worker).toBe('w1');
  });

  it('that fail end all their sessions with the reason, and the stream for all', () => {
    const room = ScriptedRoom.open().join('a', 'b').stream('a', 's').stream('b', 'sb');
    room.run(subscribeCommand('a', 'ab', 'sb', ['audio'], { id: 's', firstMid: 2 }));
    room.subscription('b', 'ba', 's').subscription('a', 'own', 's');
    const notices = room.run(report({ type: 'transport-failed', transport: 's', reason: 'ICE failed' }));
    const ended = (session: string, transport: string, reason: string) => ({
      type: 'session-ended',
      transport,
      session,
      reason,
    });
    expect(toldTo('a', notices)).toEqual([
      ended('s', 's', 'ICE failed'),
      ended('ab', 's', 'ICE failed'),
      { type: 'transport-failed', transport: 's', reason: 'ICE failed' },
      ended('own', 'own', 'Source stream loss'),
      { type: 'stream-removed', stream: 's' },
    ]);
    expect(toldTo('b', notices)).toEqual([
      ended('ba', 'ba', 'Source stream loss'),
      { type: 'stream-removed', stream: 's' },
    ]);
    expect([...room.state.transports.keys()]).toEqual(['sb', 'ba', 'own']);
    expect(room.state.subscriptions.size).toBe(0);
    expect([...room.state.participants.keys()]).toEqual(['a', 'b']);
  });

  it('that no worker takes fail with the reason; once placed it is too late', () => {
    const room = ScriptedRoom.open().join('a');
    room.run(publishCommand('a', 's'));
    const unplaceable = { type: 'transport-unplaceable', transport: 's', reason: 'No worker' } as const;
    const notices = room.run(unplaceable);
    expect(toldTo('a', notices)).toEqual([
      { type: 'session-ended', transport: 's', session: 's', reason: 'No worker' },
      { type: 'transport-failed', transport: 's', reason: 'No worker' },
    ]);
    expect(connecting().events(unplaceable)).toEqual([]);
    expect(room.events(unplaceable)).toEqual([]);
  });
});

describe('failed sessions', () => {
  it('end with the worker’s reason for their owner', () => {
    const room = connecting();
    room.run(readyCommand('s'));
    room.subscription('b', 'sub', 's');
    const failed = { type: 'subscription-failed', subscription: 'sub', reason: 'no codec' } as const;
    expect(toldTo('b', room.run(report(failed)))).toMatchObject([
      { type: 'session-ended', session: 'sub', reason: 'no codec' },
    ]);
    const notices = room.run(report({ type: 'publication-failed', publication: 's', reason: 'gone' }));
    expect(toldTo('a', notices)).toMatchObject([
      { type: 'session-ended', session: 's', reason: 'gone' },
      { type: 'stream-removed', stream: 's' },
    ]);
  });
});

describe('worker-lost', () => {
  it('ends what was on it with Node lost; participants and other workers stay', () => {
    const room = ScriptedRoom.open().join('a', 'b');
    room.stream('a', 'sa', ['audio'], 'w1').stream('b', 'sb', ['audio'], 'w2');
    room.subscription('b', 'ba', 'sa', ['audio'], 'w2').subscription('a', 'ab', 'sb', ['audio'], 'w1');
    const notices = room.run({ type: 'worker-lost', worker: 'w1', reason: 'killed' });
    expect(toldTo('a', notices)).toMatchObject([
      { type: 'session-ended', session: 'sa', reason: 'Node lost' },
      { type: 'transport-failed', transport: 'sa', reason: 'Node lost' },
      { type: 'stream-removed', stream: 'sa' },
      { type: 'session-ended', session: 'ab', reason: 'Node lost' },
      { type: 'transport-failed', transport: 'ab', reason: 'Node lost' },
    ]);
    expect(toldTo('b', notices)).toMatchObject([
      { type: 'session-ended', session: 'ba', reason: 'Source stream loss' },
      { type: 'stream-removed', stream: 'sa' },
    ]);
    expect([...room.state.participants.keys()]).toEqual(['a', 'b']);
    expect([...room.state.streams.keys()]).toEqual(['sb']);
    expect(room.events({ type: 'worker-lost', worker: 'w1', reason: 'killed' })).toEqual([]);
  });
});
