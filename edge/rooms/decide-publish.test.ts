// Owns the tests of publishing and unpublishing, and of the choice of a transport.
import { describe, expect, it } from 'vitest';
import type { PublishRequest } from '../../schemas/request.ts';
import type { Command } from './command.ts';
import {
  ScriptedRoom,
  publishCommand,
  readyCommand,
  reported,
  subscribeCommand,
  toldTo,
} from './scripted-room.ts';
import { ownership } from './transport-choice.ts';

function publish(participant: string, session: string, request: PublishRequest): Command {
  return { type: 'publish', participant, session, request };
}

const audioTrack = { type: 'audio', mid: '0', source: 'mic' } as const;

describe('publish', () => {
  it('portal-protocol#4 without a transport id opens one whose id is the session id', () => {
    const room = ScriptedRoom.open().join('a');
    expect(room.events(publishCommand('a', 's1'))).toEqual([
      {
        type: 'transport-opened',
        transport: 's1',
        owner: 'a',
        purpose: 'webrtc',
        origin: { isp: 'isp', region: 'region' },
      },
      {
        type: 'publication-requested',
        stream: 's1',
        owner: 'a',
        streamType: 'webrtc',
        transport: 's1',
        tracks: [
          { mid: '0', kind: 'audio', source: 'mic' },
          { mid: '1', kind: 'video', source: 'camera' },
        ],
      },
    ]);
    expect(room.state.streams.get('s1')).toMatchObject({ phase: 'connecting', tracks: [], inViews: [] });
  });

  it('takes a null transport id as none, and keeps attributes', () => {
    const room = ScriptedRoom.open().join('a');
    const attributes = { title: 'desk', nested: { list: [1, null, true] } };
    room.run(
      publish('a', 's1', {
        media: { tracks: [audioTrack] },
        attributes,
        transport: { type: 'webrtc', id: null },
      }),
    );
    expect(room.state.streams.get('s1')).toMatchObject({ transport: 's1', attributes });
  });

  it('tells nobody until its worker reports it', () => {
    const room = ScriptedRoom.open().join('a');
    expect(room.run(publishCommand('a', 's1'))).toEqual([]);
  });

  const deep = { a: { b: { c: { d: { e: { f: { g: { h: {} } } } } } } } };
  it.each<{ name: string; request: PublishRequest; text: string }>([
    { name: 'no media', request: { media: null }, text: 'Nothing to publish' },
    { name: 'no tracks', request: { media: { tracks: [] } }, text: 'Nothing to publish' },
    {
      name: 'data',
      request: { media: null, data: true },
      text: 'Data and quic streams are not supported',
    },
    {
      name: 'quic',
      request: { media: { tracks: [audioTrack] }, transport: { type: 'quic', id: 'q' } },
      text: 'Data and quic streams are not supported',
    },
    {
      name: 'a mid twice',
      request: { media: { tracks: [audioTrack, { ...audioTrack, type: 'video' }] } },
      text: 'A mid occurs twice',
    },
    {
      name: 'an unknown transport',
      request: { media: { tracks: [audioTrack] }, transport: { id: 'x' } },
      text: 'Transport x does NOT exist',
    },
    {
      name: 'the transport of another',
      request: { media: { tracks: [audioTrack] }, transport: { id: 'sb' } },
      text: 'Transport sb does NOT exist',
    },
    {
      name: 'a mid in use by a publication',
      request: { media: { tracks: [audioTrack] }, transport: { id: 'sa' } },
      text: 'Mid 0 is in use on transport sa',
    },
    {
      name: 'attributes nested too deep',
      request: { media: { tracks: [audioTrack] }, attributes: deep },
      text: 'Invalid attributes',
    },
  ])('refuses $name', ({ request, text }) => {
    const room = ScriptedRoom.open().join('a', 'b').stream('a', 'sa').stream('b', 'sb');
    expect(room.refusal(publish('a', 'new', request))).toBe(text);
  });

  it('refuses who has not joined', () => {
    expect(ScriptedRoom.open().refusal(publishCommand('a', 's'))).toBe('Participant has not joined');
  });

  it.each([
    { role: 'viewer', kinds: ['audio'] as const, text: 'unauthorized' },
    { role: 'viewer', kinds: ['video'] as const, text: 'unauthorized' },
    { role: 'audio_only_presenter', kinds: ['audio'] as const, text: undefined },
    { role: 'audio_only_presenter', kinds: ['audio', 'video'] as const, text: 'unauthorized' },
    { role: 'presenter', kinds: ['audio', 'video'] as const, text: undefined },
  ])('room-model#15 $role publishing $kinds: $text', ({ role, kinds, text }) => {
    const room = ScriptedRoom.open();
    room.joinAs('a', role);
    expect(room.refusal(publishCommand('a', 's', kinds))).toBe(text);
  });

  it.each([
    { limit: 1, published: 1, text: 'Too many inputs' },
    { limit: 2, published: 1, text: undefined },
    { limit: 0, published: 0, text: 'Too many inputs' },
    { limit: -1, published: 5, text: undefined },
  ])('room-model#13 inputLimit $limit with $published inputs: $text', ({ limit, published, text }) => {
    const room = ScriptedRoom.open({ inputLimit: limit }).join('a');
    for (let each = 0; each < published; each += 1) room.run(publishCommand('a', `s${each}`));
    expect(room.refusal(publishCommand('a', 'new'))).toBe(text);
  });

  it('does not count streams the server makes from others', () => {
    const room = ScriptedRoom.open({ inputLimit: 1 }).join('a').stream('a', 's1');
    const stream = room.state.streams.get('s1');
    if (stream === undefined) throw new Error('no stream');
    room.state = { ...room.state, streams: new Map([['s1', { ...stream, type: 'analytics' }]]) };
    expect(room.refusal(publishCommand('a', 's2'))).toBeUndefined();
    const selecting = ScriptedRoom.mixing({ inputLimit: 1, selectActiveAudio: true }).join('a');
    expect(selecting.refusal(publishCommand('a', 's1'))).toBeUndefined();
  });

  it('refuses an id in use, of a stream or a subscription', () => {
    const room = ScriptedRoom.open().join('a').stream('a', 's1').subscription('a', 's2', 's1');
    expect(room.refusal(publishCommand('a', 's1'))).toBe('Stream exists');
    expect(room.refusal(publishCommand('a', 's2'))).toBe('Stream exists');
  });

  it('refuses a kind the room takes no format of', () => {
    const document = ScriptedRoom.document();
    const room = new ScriptedRoom();
    const mediaIn = { audio: [], video: [] };
    room.run({ type: 'open', document: { ...document, mediaIn } });
    room.join('a');
    expect(room.refusal(publishCommand('a', 's', ['audio']))).toBe('Audio is forbiden');
    expect(room.refusal(publishCommand('a', 's', ['video']))).toBe('Video is forbiden');
  });

  it('checks in the order of portal-protocol §6.1', () => {
    const room = ScriptedRoom.open({ inputLimit: 1 });
    room.joinAs('v', 'viewer');
    room.join('a').stream('a', 's1');
    expect(room.refusal(publishCommand('v', 's1'))).toBe('unauthorized');
    expect(room.refusal(publishCommand('a', 's1'))).toBe('Too many inputs');
  });
});

describe('transports', () => {
  it('carry several sessions of their owner on different mids, and outlive them', () => {
    const room = ScriptedRoom.open().join('a', 'b').stream('b', 'sb').stream('a', 'sa');
    room.run(subscribeCommand('a', 'sub', 'sb', ['audio', 'video'], { id: 'sa', firstMid: 2 }));
    room.run(publishCommand('a', 's2', ['video'], { id: 'sa', firstMid: 4 }));
    expect(room.refusal(publishCommand('a', 's3', ['video'], { id: 'sa', firstMid: 3 }))).toBe(
      'Mid 3 is in use on transport sa',
    );
    for (const session of ['sa', 's2']) {
      room.run({ type: 'unpublish', actor: { participant: 'a' }, session });
    }
    room.run({ type: 'unsubscribe', actor: { participant: 'a' }, session: 'sub' });
    expect(room.state.transports.get('sa')?.owner).toBe('a');
    expect(room.refusal(publishCommand('a', 's4', ['video'], { id: 'sa', firstMid: 0 }))).toBeUndefined();
  });

  it('are bounded a participant: the oldest empty one makes room', () => {
    const room = ScriptedRoom.open().join('a').stream('a', 'kept');
    const actor = { participant: 'a' };
    for (let each = 1; each < ownership.transports; each += 1) {
      room.run(publishCommand('a', `s${each}`));
      room.run({ type: 'unpublish', actor, session: `s${each}` });
    }
    const events = room.events(publishCommand('a', 'new'));
    expect(events[0]).toEqual({ type: 'transport-closed', transport: 's1' });
    expect(room.state.transports.size).toBe(ownership.transports);
    expect(room.state.transports.has('kept')).toBe(true);
  });

  it('are refused to a participant that fills all of them', () => {
    const room = ScriptedRoom.open().join('a', 'b');
    for (let each = 0; each < ownership.transports; each += 1) room.run(publishCommand('a', `s${each}`));
    expect(room.refusal(publishCommand('a', 'new'))).toBe('Too many transports');
    expect(room.refusal(publishCommand('b', 'new'))).toBeUndefined();
  });

  it('are of no help to a participant with too many sessions', () => {
    const room = ScriptedRoom.open().join('a').stream('a', 'sa');
    for (let each = 1; each < ownership.sessions; each += 1) {
      room.run(subscribeCommand('a', `s${each}`, 'sa', ['audio'], { id: 'sa', firstMid: each + 1 }));
    }
    expect(room.refusal(publishCommand('a', 'new'))).toBe('Too many sessions');
  });
});

describe('unpublish', () => {
  it('room-model#26 ends its subscriptions with Source stream loss, then removes the stream for all', () => {
    const room = ScriptedRoom.open().join('a', 'b', 'c').stream('a', 'sa').stream('c', 'sc');
    room.subscription('b', 'ba', 'sa').subscription('c', 'ca', 'sa', ['audio']);
    room.subscription('b', 'bc', 'sc');
    const notices = room.run({ type: 'unpublish', actor: { participant: 'a' }, session: 'sa' });
    const loss = (id: string) => ({
      type: 'session-ended',
      transport: id,
      session: id,
      reason: 'Source stream loss',
    });
    const removed = { type: 'stream-removed', stream: 'sa' };
    expect(toldTo('a', notices)).toEqual([removed]);
    expect(toldTo('b', notices)).toEqual([loss('ba'), removed]);
    expect(toldTo('c', notices)).toEqual([loss('ca'), removed]);
    expect([...room.state.subscriptions.keys()]).toEqual(['bc']);
  });

  it('of a connecting stream is told to nobody', () => {
    const room = ScriptedRoom.open().join('a');
    room.run(publishCommand('a', 's'));
    expect(room.run({ type: 'unpublish', actor: { participant: 'a' }, session: 's' })).toEqual([]);
    expect(room.state.streams.size).toBe(0);
    expect(room.run(readyCommand('s'))).toEqual([]);
  });

  it('is for the owner and the server, who says why', () => {
    const room = ScriptedRoom.open({
      roles: [
        ...ScriptedRoom.document().roles,
        {
          role: 'admin',
          publish: { audio: true, video: true },
          subscribe: { audio: true, video: true },
        },
      ],
    });
    room.join('a', 'b').stream('a', 'sa');
    room.joinAs('boss', 'admin');
    for (const participant of ['b', 'boss', 'x']) {
      expect(room.refusal({ type: 'unpublish', actor: { participant }, session: 'sa' })).toBe('unauthorized');
    }
    expect(toldTo('a', room.run({ type: 'unpublish', actor: 'server', session: 'sa' }))).toEqual([
      { type: 'session-ended', transport: 'sa', session: 'sa', reason: 'Ended by the server' },
      { type: 'stream-removed', stream: 'sa' },
    ]);
  });

  it('portal-protocol#7 again, or of what never was, says that it does not exist', () => {
    const room = ScriptedRoom.open().join('a').stream('a', 'sa').subscription('a', 'sub', 'sa');
    const actor = { participant: 'a' };
    for (const session of ['x', 'sub']) {
      expect(room.refusal({ type: 'unpublish', actor, session })).toBe('Stream does NOT exist');
    }
    for (const session of ['x', 'sa']) {
      expect(room.refusal({ type: 'unsubscribe', actor, session })).toBe('Subscription does NOT exist');
    }
  });
});

describe('a simulcast publication', () => {
  it('has one track a layer, and a subscriber of a layer that vanishes loses its source', () => {
    const room = ScriptedRoom.open().join('a', 'b');
    room.run(publishCommand('a', 's', ['video']));
    room.run({ type: 'place-transport', transport: 's', worker: 'w1' });
    const layer = (rid: string) => reported('s', '0', 'video', { rid });
    const report = (type: 'publication-ready' | 'publication-changed', ...rids: string[]) =>
      room.run({ type: 'report', worker: 'w1', item: { type, publication: 's', tracks: rids.map(layer) } });
    report('publication-ready', 'q', 'h');
    room.run(subscribeCommand('b', 'sub', 's-0:h', ['video']));
    const notices = report('publication-changed', 'q');
    expect(toldTo('b', notices).map(({ type }) => type)).toEqual(['session-ended', 'stream-updated']);
    expect(room.state.subscriptions.size).toBe(0);
  });
});
