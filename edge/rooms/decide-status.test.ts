// Owns the tests of pause and play, and of text messages.
import { describe, expect, it } from 'vitest';
import type { MediaChoice } from '../../schemas/request.ts';
import type { Actor, Command } from './command.ts';
import { plan } from './plan.ts';
import { ScriptedRoom, publishCommand, reported, roomId, toldTo } from './scripted-room.ts';

const both = { audio: true, video: true };

function control(
  actor: Actor,
  stream: string,
  operation: 'pause' | 'play' = 'pause',
  media: MediaChoice = 'av',
): Command {
  return { type: 'set-stream-status', actor, stream, operation, media };
}

function subscriptionControl(
  actor: Actor,
  subscription: string,
  operation: 'pause' | 'play' = 'pause',
  media: MediaChoice = 'av',
): Command {
  return { type: 'set-subscription-status', actor, subscription, operation, media };
}

const a = { participant: 'a' };

describe('pausing a stream', () => {
  it('of both kinds gives two updates to all, audio first', () => {
    const room = ScriptedRoom.open().join('a', 'b').stream('a', 's');
    const update = (field: 'audio.status' | 'video.status', value: 'active' | 'inactive') => ({
      audience: { to: 'all' },
      notice: { type: 'stream-updated', stream: 's', update: { field, value } },
    });
    expect(room.run(control(a, 's'))).toEqual([
      update('audio.status', 'inactive'),
      update('video.status', 'inactive'),
    ]);
    expect(room.run(control(a, 's', 'play', 'video'))).toEqual([update('video.status', 'active')]);
    expect(room.state.streams.get('s')?.tracks.map(({ status }) => status)).toEqual(['inactive', 'active']);
  });

  it('that is paused gives no events; of both when one is, only the other', () => {
    const room = ScriptedRoom.open().join('a').stream('a', 's');
    room.run(control(a, 's', 'pause', 'audio'));
    expect(room.events(control(a, 's', 'pause', 'audio'))).toEqual([]);
    expect(room.events(control(a, 's'))).toEqual([
      { type: 'stream-status-changed', stream: 's', kind: 'video', status: 'inactive' },
    ]);
  });

  it('takes the kinds it has of both', () => {
    const room = ScriptedRoom.open().join('a').stream('a', 's', ['audio']);
    expect(room.events(control(a, 's'))).toHaveLength(1);
  });

  it('holds for layers that come later, and stops forwarding at the worker', () => {
    const room = ScriptedRoom.open().join('a').stream('a', 's', ['video']);
    room.run(control(a, 's'));
    const tracks = ['q', 'h'].map((rid) => reported('s', '0', 'video', { rid }));
    room.run({
      type: 'report',
      worker: 'w1',
      item: { type: 'publication-changed', publication: 's', tracks },
    });
    expect(room.state.streams.get('s')?.tracks).toMatchObject([
      { id: 's-0:q', status: 'inactive' },
      { id: 's-0:h', status: 'inactive' },
    ]);
    expect(plan(room.state).desired.get('w1')?.transports[0]?.publications[0]?.tracks).toMatchObject([
      { mid: '0', paused: true },
    ]);
  });

  it.each<{ name: string; command: Command; text: string | undefined }>([
    { name: 'the server', command: control('server', 's'), text: undefined },
    { name: 'role admin', command: control({ participant: 'boss' }, 's'), text: undefined },
    { name: 'another', command: control({ participant: 'b' }, 's'), text: 'unauthorized' },
    { name: 'a stranger', command: control({ participant: 'x' }, 's'), text: 'unauthorized' },
    { name: 'no stream', command: control(a, 'x'), text: 'Stream does NOT exist' },
    { name: 'a mixed stream', command: control('server', `${roomId}-common`), text: 'Stream is Mixed' },
    { name: 'a connecting stream', command: control(a, 'connecting'), text: 'Stream is NOT ready' },
    {
      name: 'no such kind',
      command: control(a, 'mute', 'pause', 'audio'),
      text: 'Stream does NOT contain valid track to mute/unmute',
    },
  ])('by or of $name: $text', ({ command, text }) => {
    const room = ScriptedRoom.open({
      roles: [...ScriptedRoom.document().roles, { role: 'admin', publish: both, subscribe: both }],
    });
    room.join('a', 'b').stream('a', 's').stream('a', 'mute', ['video']);
    room.joinAs('boss', 'admin');
    room.run(publishCommand('a', 'connecting'));
    expect(room.refusal(command)).toBe(text);
  });
});

describe('pausing a subscription', () => {
  it('is told to nobody and stops its tracks at the worker', () => {
    const room = ScriptedRoom.open().join('a').stream('a', 's').subscription('a', 'sub', 's');
    expect(room.run(subscriptionControl(a, 'sub', 'pause', 'audio'))).toEqual([]);
    const tracks = room.state.subscriptions.get('sub')?.tracks;
    expect(tracks?.map(({ status }) => status)).toEqual(['inactive', 'active']);
    const desired = plan(room.state).desired.get('w1')?.transports[1]?.subscriptions[0];
    expect(desired?.tracks.map(({ paused }) => paused)).toEqual([true, false]);
    expect(room.events(subscriptionControl(a, 'sub', 'pause', 'audio'))).toEqual([]);
    expect(room.events(subscriptionControl(a, 'sub', 'play', 'av'))).toHaveLength(1);
  });

  it.each([
    { command: subscriptionControl(a, 'x'), text: 'Subscription does NOT exist' },
    { command: subscriptionControl({ participant: 'b' }, 'sub'), text: 'unauthorized' },
    {
      command: subscriptionControl(a, 'sub', 'pause', 'video'),
      text: 'Subscription does NOT contain valid track to mute/unmute',
    },
    { command: subscriptionControl('server', 'sub'), text: undefined },
  ])('$command.actor on $command.subscription: $text', ({ command, text }) => {
    const room = ScriptedRoom.open().join('a', 'b').stream('a', 's');
    room.subscription('a', 'sub', 's', ['audio']);
    expect(room.refusal(command)).toBe(text);
  });
});

describe('text', () => {
  const text = (from: string, to: string, message = 'hello'): Command => ({
    type: 'text',
    from,
    to,
    message,
  });

  it('portal-protocol#10 to all includes the sender', () => {
    const room = ScriptedRoom.open().join('a', 'b');
    const notices = room.run(text('a', 'all'));
    const notice = { type: 'text', from: 'a', to: 'all', message: 'hello' };
    expect(toldTo('a', notices)).toEqual([notice]);
    expect(toldTo('b', notices)).toEqual([notice]);
  });

  it('to one goes to that one as "me", also to oneself', () => {
    const room = ScriptedRoom.open().join('a', 'b');
    const notices = room.run(text('a', 'b'));
    expect(toldTo('a', notices)).toEqual([]);
    expect(toldTo('b', notices)).toEqual([{ type: 'text', from: 'a', to: 'me', message: 'hello' }]);
    expect(toldTo('a', room.run(text('a', 'a')))).toHaveLength(1);
  });

  it.each([
    { command: text('x', 'all'), refusal: 'Participant has not joined' },
    { command: text('a', ''), refusal: 'Invalid receiver' },
    { command: text('a', 'x'), refusal: 'Target participant does NOT exist: x' },
    { command: text('a', 'all', 'm'.repeat(2048)), refusal: undefined },
    {
      command: text('a', 'all', 'm'.repeat(2049)),
      refusal: 'Message is longer than 2048 characters',
    },
  ])('to "$command.to": $refusal', ({ command, refusal }) => {
    expect(ScriptedRoom.open().join('a').refusal(command)).toBe(refusal);
  });
});
