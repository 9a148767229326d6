// Owns the tests of coming and going, rights, and a room's opening and closing.
import { describe, expect, it } from 'vitest';
import { decide } from './decide.ts';
import type { Command } from './command.ts';
import {
  ScriptedRoom,
  joinCommand,
  publishCommand,
  roomId,
  subscribeCommand,
  toldTo,
} from './scripted-room.ts';
import { emptyRoom } from './state.ts';
import { roomView } from './stream-info.ts';

describe('join', () => {
  it('gives the rights of the first role of that name and the edge', () => {
    const room = ScriptedRoom.open();
    room.joinAs('a', 'audio_only_presenter');
    expect(room.state.participants.get('a')).toEqual({
      id: 'a',
      user: 'user of a',
      role: 'audio_only_presenter',
      permission: { publish: { audio: true, video: false }, subscribe: { audio: true, video: false } },
      origin: { isp: 'isp', region: 'region' },
      edge: 'e1',
      lastCid: 0,
    });
  });

  it.each([
    { limit: 2, joined: 2, text: 'Room is full' },
    { limit: 2, joined: 1, text: undefined },
    { limit: 0, joined: 3, text: undefined },
    { limit: -1, joined: 3, text: undefined },
  ])('room-model#14 participantLimit $limit with $joined inside: $text', ({ limit, joined, text }) => {
    const room = ScriptedRoom.open({ participantLimit: limit });
    for (let each = 0; each < joined; each += 1) room.join(`p${each}`);
    expect(room.refusal(joinCommand('new'))).toBe(text);
  });

  it('does not count the internal participant', () => {
    const room = ScriptedRoom.open({ participantLimit: 1 }).join('admin');
    expect(room.refusal(joinCommand('a'))).toBeUndefined();
  });

  it('refuses a role the room does not have, and an id that is inside', () => {
    const room = ScriptedRoom.open().join('a');
    expect(room.refusal(joinCommand('b', 'boss'))).toBe('Invalid role');
    expect(room.refusal(joinCommand('a'))).toBe('Participant exists: a');
  });

  it('tells everybody else, with id, user and role only', () => {
    const room = ScriptedRoom.open().join('a');
    expect(room.joinAs('b', 'viewer')).toEqual([
      {
        audience: { to: 'except', participant: 'b' },
        notice: {
          type: 'participant-joined',
          participant: { id: 'b', user: 'user of b', role: 'viewer' },
        },
      },
    ]);
  });
});

describe('attach and expire', () => {
  it('moves the participant to the edge of its new connection, once', () => {
    const room = ScriptedRoom.open().join('a');
    expect(room.run({ type: 'attach', participant: 'a', edge: 'e2' })).toEqual([]);
    expect(room.state.participants.get('a')?.edge).toBe('e2');
    expect(room.events({ type: 'attach', participant: 'a', edge: 'e2' })).toEqual([]);
    expect(room.refusal({ type: 'attach', participant: 'x', edge: 'e2' })).toBe('Client does NOT exist');
  });

  it('expires only on the edge the participant is still on', () => {
    const room = ScriptedRoom.open().join('a');
    room.run({ type: 'attach', participant: 'a', edge: 'e2' });
    expect(room.events({ type: 'expire', participant: 'a', edge: 'e1' })).toEqual([]);
    expect(room.events({ type: 'expire', participant: 'x', edge: 'e1' })).toEqual([]);
    expect(room.events({ type: 'expire', participant: 'a', edge: 'e2' })).toHaveLength(1);
    expect(room.state.participants.size).toBe(0);
  });
});

describe('leave and drop', () => {
  it('takes transports and sessions along, and the subscriptions of others on its streams', () => {
    const room = ScriptedRoom.open().join('a', 'b', 'c').stream('a', 'sa').stream('b', 'sb');
    room.subscription('a', 'ab', 'sb').subscription('b', 'ba', 'sa').subscription('c', 'cb', 'sb');
    room.run({ type: 'leave', participant: 'a' });
    expect([...room.state.participants.keys()]).toEqual(['b', 'c']);
    expect([...room.state.streams.keys()]).toEqual(['sb']);
    expect([...room.state.subscriptions.keys()]).toEqual(['cb']);
    expect([...room.state.transports.keys()]).toEqual(['sb', 'ba', 'cb']);
  });

  it('says leave first, then the losses to subscribers, then the removal of streams; nothing to who left', () => {
    const room = ScriptedRoom.open().join('a', 'b', 'c').stream('a', 'sa');
    room.run(publishCommand('a', 'hidden', ['audio']));
    room.subscription('a', 'aa', 'sa').subscription('b', 'ba', 'sa');
    const notices = room.run({ type: 'leave', participant: 'a' });
    const lost = {
      type: 'session-ended',
      transport: 'ba',
      session: 'ba',
      reason: 'Source stream loss',
    };
    const left = { type: 'participant-left', participant: 'a' };
    const removed = { type: 'stream-removed', stream: 'sa' };
    expect(toldTo('a', notices)).toEqual([]);
    expect(toldTo('b', notices)).toEqual([left, lost, removed]);
    expect(toldTo('c', notices)).toEqual([left, removed]);
  });

  it('leaving twice is already true; dropping who is not there is refused', () => {
    const room = ScriptedRoom.open();
    expect(room.events({ type: 'leave', participant: 'a' })).toEqual([]);
    expect(room.refusal({ type: 'drop', participant: 'a', reason: 'x' })).toBe('Participant does NOT exist');
  });

  it('portal-protocol#12 a dropped participant is told so before anything else', () => {
    const room = ScriptedRoom.open().join('a', 'b').stream('a', 'sa');
    const notices = room.run({ type: 'drop', participant: 'a', reason: 'removed' });
    expect(notices[0]).toEqual({
      audience: { to: 'one', participant: 'a' },
      notice: { type: 'dropped', reason: 'removed' },
    });
    expect(toldTo('a', notices)).toEqual([{ type: 'dropped', reason: 'removed' }]);
  });
});

describe('patch-participant', () => {
  it('rest-api#22 taking the right to publish video refuses the next publish, and tells nobody', () => {
    const room = ScriptedRoom.open().join('a').stream('a', 's1');
    const notices = room.run({
      type: 'patch-participant',
      participant: 'a',
      patch: [{ op: 'replace', path: '/permission/publish/video', value: false }],
    });
    expect(notices).toEqual([]);
    expect(room.refusal(publishCommand('a', 's2'))).toBe('unauthorized');
    expect(room.refusal(publishCommand('a', 's2', ['audio']))).toBeUndefined();
    expect(room.state.streams.has('s1')).toBe(true);
  });

  it('applies every path in order', () => {
    const room = ScriptedRoom.open().join('a');
    room.run({
      type: 'patch-participant',
      participant: 'a',
      patch: [
        { op: 'replace', path: '/permission/publish', value: { audio: false, video: false } },
        { op: 'replace', path: '/permission/publish/audio', value: true },
        { op: 'replace', path: '/permission/subscribe', value: { audio: false, video: true } },
        { op: 'replace', path: '/permission/subscribe/audio', value: true },
        { op: 'replace', path: '/permission/subscribe/video', value: false },
      ],
    });
    expect(room.state.participants.get('a')?.permission).toEqual({
      publish: { audio: true, video: false },
      subscribe: { audio: true, video: false },
    });
  });

  it('changes nothing when the rights are already so, and refuses an unknown participant', () => {
    const room = ScriptedRoom.open().join('a');
    const patch = [{ op: 'replace', path: '/permission/publish/audio', value: true }] as const;
    expect(room.events({ type: 'patch-participant', participant: 'a', patch: [...patch] })).toEqual([]);
    expect(room.refusal({ type: 'patch-participant', participant: 'x', patch: [...patch] })).toBe(
      'Participant does NOT exist',
    );
  });
});

describe('open and close', () => {
  it('opens once; the document of the first opening stays', () => {
    const room = ScriptedRoom.open({ inputLimit: 3 });
    const again = { type: 'open', document: ScriptedRoom.document({ inputLimit: 9 }) } as const;
    expect(room.events(again)).toEqual([]);
    expect(room.state.document?.inputLimit).toBe(3);
  });

  it('closing ends every session with its reason, then drops everybody, and leaves an empty room', () => {
    const room = ScriptedRoom.open().join('a', 'b').stream('a', 'sa').subscription('b', 'ba', 'sa');
    const notices = room.run({ type: 'close', reason: 'Room is deleted' });
    const ended = (id: string) => ({
      type: 'session-ended',
      transport: id,
      session: id,
      reason: 'Room destruction',
    });
    const dropped = { type: 'dropped', reason: 'Room is deleted' };
    expect(toldTo('a', notices)).toEqual([ended('sa'), dropped]);
    expect(toldTo('b', notices)).toEqual([ended('ba'), dropped]);
    expect(room.state).toEqual({ ...emptyRoom(roomId), seq: room.records.length });
  });

  it('closes when idle only without participants, streams and subscriptions', () => {
    const idle = { type: 'close-if-idle' } as const;
    const room = ScriptedRoom.open().join('admin', 'a');
    expect(room.events(idle)).toEqual([]);
    room.run({ type: 'leave', participant: 'a' });
    const withStream = ScriptedRoom.open().join('admin').stream('admin', 's');
    expect(withStream.events(idle)).toEqual([]);
    expect(room.events(idle)).toHaveLength(1);
    expect(room.state.document).toBeUndefined();
  });

  it('closes when idle though the room’s own selecting streams are there', () => {
    const room = ScriptedRoom.mixing({ selectActiveAudio: true }).join('admin');
    expect(roomView(room.state).streams).toHaveLength(4);
    expect(room.events({ type: 'close-if-idle' })).toHaveLength(1);
  });

  it('opens again after it closed, with seq going on', () => {
    const room = ScriptedRoom.open().join('a');
    room.run({ type: 'close', reason: 'x' });
    const seq = room.state.seq;
    room.run({ type: 'open', document: ScriptedRoom.document() });
    expect(room.state.seq).toBe(seq + 1);
    expect(room.refusal(joinCommand('a'))).toBeUndefined();
  });

  const nothingToDo: readonly Command[] = [
    { type: 'close', reason: 'x' },
    { type: 'close-if-idle' },
    { type: 'leave', participant: 'a' },
    { type: 'expire', participant: 'a', edge: 'e1' },
    { type: 'place-transport', transport: 't', worker: 'w1' },
    { type: 'transport-unplaceable', transport: 't', reason: 'x' },
    { type: 'report', worker: 'w1', item: { type: 'transport-ready', transport: 't' } },
    { type: 'worker-lost', worker: 'w1', reason: 'x' },
  ];
  it.each(nothingToDo)('a room that is not open takes $type as already true', (command) => {
    expect(decide(emptyRoom(roomId), command, 0)).toEqual({ ok: true, events: [] });
  });

  const impossible: readonly Command[] = [
    joinCommand('a'),
    publishCommand('a', 's'),
    subscribeCommand('a', 's', 'x'),
    { type: 'attach', participant: 'a', edge: 'e1' },
    { type: 'drop', participant: 'a', reason: 'x' },
    { type: 'text', from: 'a', to: 'all', message: 'x' },
    { type: 'unpublish', actor: 'server', session: 's' },
  ];
  it.each(impossible)('a room that is not open refuses $type', (command) => {
    expect(decide(emptyRoom(roomId), command, 0)).toEqual({
      ok: false,
      refusal: { code: 'room-not-found', message: 'Room is not open' },
    });
  });
});
