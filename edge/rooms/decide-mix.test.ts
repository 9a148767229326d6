// Owns the tests of taking streams into views and out of them, and of what that tells whom.
import { describe, expect, it } from 'vitest';
import type { Actor, Command } from './command.ts';
import { evolve } from './evolve.ts';
import { ScriptedRoom, publishCommand, readyCommand, reported, roomId, toldTo } from './scripted-room.ts';
import { updates } from './scripted-updates.ts';

const a = { participant: 'a' };
const both = { audio: true, video: true };

function mix(actor: Actor, stream: string, view = 'common'): Command {
  return { type: 'mix', actor, stream, view };
}

function unmix(actor: Actor, stream: string, view = 'common'): Command {
  return { type: 'unmix', actor, stream, view };
}

/** Participants a, b, c with streams A, B, C on the default view but for `video`. */
function three(video: Readonly<Record<string, unknown>> = {}): ScriptedRoom {
  const room = ScriptedRoom.mixing({ views: [{ video }] }).join('a', 'b', 'c');
  return room.stream('a', 'A').stream('b', 'B').stream('c', 'C');
}

describe('mix', () => {
  it('room-model#16 publishing alone changes no view; mixing tells inViews and layout', () => {
    const room = ScriptedRoom.mixing().join('a');
    room.run(publishCommand('a', 's'));
    room.run({ type: 'place-transport', transport: 's', worker: 'w1' });
    expect(updates(room.run(readyCommand('s')))).toEqual(['session-ready', 'stream-added']);
    expect(room.state.streams.get('s')?.inViews).toEqual([]);
    expect(room.layout()).toBe('');
    const notices = room.run(mix(a, 's'));
    expect(updates(notices)).toEqual(['s.inViews common', 'common.layout 1:s']);
    expect(notices.every(({ audience }) => audience.to === 'all')).toBe(true);
    expect(room.layout()).toBe('1:s');
  });

  it('again changes nothing, and so does unmixing what is not mixed', () => {
    const room = three().mix(['A']);
    expect(room.events(mix(a, 'A'))).toEqual([]);
    const event = { type: 'stream-mixed', stream: 'A', view: 'common' } as const;
    const { state } = room;
    expect(evolve(state, { at: 0, edge: 'e', event }, state.seq)).toEqual(state);
    expect(room.events(unmix(a, 'A'))).toHaveLength(1);
    expect(room.events(unmix(a, 'A'))).toEqual([]);
  });

  it('into several views keeps each its own', () => {
    const views = [{ label: 'x' }, { label: 'y' }, { label: 'sound', video: false }];
    const room = ScriptedRoom.mixing({ views }).join('a', 'b').stream('a', 'A').stream('b', 'B');
    room.mix(['A', 'B'], ['x']).mix(['B'], ['y', 'sound']);
    expect(room.state.streams.get('B')?.inViews).toEqual(['x', 'y', 'sound']);
    expect(updates(room.run(unmix('server', 'B', 'x')))).toEqual(['B.inViews y sound', 'x.layout 1:A']);
    expect(room.layout('y')).toBe('1:B');
  });

  it('puts one input into a view for each video m-line, not for each simulcast layer, and none for sound', () => {
    const room = ScriptedRoom.mixing().join('a').stream('a', 'sound', ['audio']);
    room.run(publishCommand('a', 's', ['audio', 'video', 'video']));
    room.run({ type: 'place-transport', transport: 's', worker: 'w1' });
    const tracks = [
      reported('s', '0', 'audio'),
      ...['q', 'h', 'f'].map((rid) => reported('s', '1', 'video', { rid })),
      reported('s', '2', 'video'),
    ];
    room.run({ type: 'report', worker: 'w1', item: { type: 'publication-ready', publication: 's', tracks } });
    expect(updates(room.run(mix(a, 'sound')))).toEqual(['sound.inViews common']);
    room.run(mix(a, 's'));
    expect(room.layout()).toBe('1:s 2:s 3: 4:');
    expect(room.state.views.get('common')?.inputs.shown.map(({ id }) => id)).toEqual(['s-1', 's-2']);
  });

  it('follows tracks that appear and vanish later', () => {
    const room = ScriptedRoom.mixing().join('a', 'b').stream('b', 'B');
    room.run(publishCommand('a', 's', ['audio', 'video', 'video']));
    room.run({ type: 'place-transport', transport: 's', worker: 'w1' });
    const change = (type: 'publication-ready' | 'publication-changed', ...mids: readonly string[]) => {
      const tracks = [reported('s', '0', 'audio'), ...mids.map((mid) => reported('s', mid, 'video'))];
      return updates(room.run({ type: 'report', worker: 'w1', item: { type, publication: 's', tracks } }));
    };
    change('publication-ready', '1');
    room.mix(['s', 'B']);
    expect(change('publication-changed', '1', '2')).toEqual([
      's.inViews common',
      'common.layout 1:s 2:B 3:s 4:',
    ]);
    expect(change('publication-changed', '2')).toEqual(['s.inViews common', 'common.layout 1:B 2:s 3: 4:']);
    expect(change('publication-changed')).toEqual(['s.inViews common', 'common.layout 1:B']);
    expect(room.state.streams.get('s')?.inViews).toEqual(['common']);
  });

  it('room-model#5 a view without video takes only sound, and shows nothing', () => {
    const views = [{ label: 'sound', video: false }];
    const room = ScriptedRoom.mixing({ views }).join('a').stream('a', 'A').stream('a', 'V', ['video']);
    expect(updates(room.run(mix(a, 'A', 'sound')))).toEqual(['A.inViews sound']);
    expect(room.layout('sound')).toBe('');
    expect(room.refusal(mix(a, 'V', 'sound'))).toBe('No audio or video to mix');
  });
});

describe('mix and unmix are refused', () => {
  it.each<{ name: string; actor: Actor; stream?: string; view?: string; text: string | undefined }>([
    { name: 'its owner', actor: a, text: undefined },
    { name: 'the server', actor: 'server', text: undefined },
    { name: 'role admin', actor: { participant: 'boss' }, text: undefined },
    { name: 'another', actor: { participant: 'b' }, text: 'unauthorized' },
    { name: 'another of no view', actor: { participant: 'b' }, view: 'x', text: 'unauthorized' },
    { name: 'no stream', actor: a, stream: 'x', view: 'x', text: 'Stream does NOT exist' },
    { name: 'no view', actor: a, view: 'x', text: 'Invalid view' },
    { name: 'connecting', actor: a, stream: 'connecting', view: 'x', text: 'Stream is NOT ready' },
    { name: 'mixed', actor: 'server', stream: `${roomId}-common`, text: 'Stream is Mixed' },
    { name: 'mixed by anybody', actor: a, stream: `${roomId}-common`, text: 'unauthorized' },
  ])('by or of $name: $text', ({ actor, stream = 'A', view = 'common', text }) => {
    const roles = [...ScriptedRoom.document().roles, { role: 'admin', publish: both, subscribe: both }];
    const room = ScriptedRoom.mixing({ roles }).join('a', 'b').stream('a', 'A');
    room.joinAs('boss', 'admin');
    room.run(publishCommand('a', 'connecting'));
    expect(room.refusal(mix(actor, stream, view))).toBe(text);
    expect(room.refusal(unmix(actor, stream, view))).toBe(text);
  });

  it.each([
    ['without workers that mix', ScriptedRoom.open()],
    ['without views', ScriptedRoom.mixing({ views: [] })],
  ])('in a room %s', (_case, room) => {
    room.join('a').stream('a', 'A');
    expect(room.refusal(mix(a, 'A'))).toBe('Mixing is not available');
  });
});

describe('leaving a view', () => {
  it('room-model#17 the others move up, and the last one is alone', () => {
    const room = three().mix(['A', 'B', 'C']);
    expect(room.layout()).toBe('1:A 2:B 3:C 4:');
    expect(updates(room.run(unmix(a, 'A')))).toEqual(['A.inViews', 'common.layout 1:B 2:C 3: 4:']);
    expect(updates(room.run(unmix('server', 'B')))).toEqual(['B.inViews', 'common.layout 1:C']);
    expect(updates(room.run(unmix('server', 'C')))).toEqual(['C.inViews', 'common.layout 1:']);
  });

  it('room-model#18 who waits takes the region of who leaves, nobody moves, and it is told', () => {
    const room = three({ maxInput: 2 }).mix(['A', 'B', 'C']);
    expect(room.layout()).toBe('1:A 2:B 3: 4:');
    expect(room.state.streams.get('C')?.inViews).toEqual(['common']);
    expect(updates(room.run(unmix(a, 'A')))).toEqual(['A.inViews', 'common.layout 1:C 2:B 3: 4:']);
  });

  it('room-model#26 a stream that ends: its subscribers, then every layout, then its removal', () => {
    const room = three().mix(['A', 'B']).subscription('b', 'sub', 'A');
    expect(updates(room.run({ type: 'unpublish', actor: a, session: 'A' }))).toEqual([
      'ended sub',
      'common.layout 1:B',
      'removed A',
    ]);
  });

  it.each<{ name: string; command: Command; told: readonly string[] }>([
    {
      name: 'a participant',
      command: { type: 'leave', participant: 'a' },
      told: ['participant-left', 'common.layout 1:B', 'removed A'],
    },
    {
      name: 'a transport',
      command: {
        type: 'report',
        worker: 'w1',
        item: { type: 'transport-failed', transport: 'A', reason: 'lost' },
      },
      told: ['common.layout 1:B', 'removed A'],
    },
    {
      name: 'a worker',
      command: { type: 'worker-lost', worker: 'w1', reason: 'lost' },
      told: ['common.layout 1:B', 'removed A'],
    },
  ])('with the end of $name', ({ command, told }) => {
    const room = ScriptedRoom.mixing().join('a', 'b').stream('a', 'A').stream('b', 'B', undefined, 'w2');
    room.mix(['A', 'B']);
    const notices = toldTo('b', room.run(command)).map((notice) => ({
      audience: { to: 'all' as const },
      notice,
    }));
    expect(updates(notices)).toEqual(told);
    expect(room.layout()).toBe('1:B');
  });
});
