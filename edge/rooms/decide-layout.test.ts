// Owns the tests of regions and layouts that are asked for, and of what clients are told of them.
import { describe, expect, it } from 'vitest';
import type { Actor, Command } from './command.ts';
import { readRegion } from './read-region.ts';
import { ScriptedRoom, publishCommand, roomId } from './scripted-room.ts';
import { updates } from './scripted-updates.ts';
import { roomView } from './stream-info.ts';
import { columns } from './view/scripted-view.ts';

const a = { participant: 'a' };
const both = { audio: true, video: true };
const mixedId = `${roomId}-common`;

function setRegion(stream: string, region: string, actor: Actor = 'server', view = 'common'): Command {
  return { type: 'set-region', actor, stream, view, region };
}

function setLayout(layout: unknown, stream = mixedId, actor: Actor = 'server'): Command {
  return { type: 'set-layout', actor, stream, layout };
}

/** Streams A, B, C and on of participant a, mixed in this order into the default view but for `video`. */
function room(streams: string, video: Readonly<Record<string, unknown>> = {}): ScriptedRoom {
  const roles = [...ScriptedRoom.document().roles, { role: 'admin', publish: both, subscribe: both }];
  const views = [{ video }, { label: 'sound', video: false }];
  const scripted = ScriptedRoom.mixing({ roles, views }).join('a', 'b');
  scripted.joinAs('boss', 'admin');
  for (const id of streams) scripted.stream('a', id);
  return scripted.mix(Array.from(streams));
}

/** What `get-region` answers. */
function regionOf(scripted: ScriptedRoom, stream: string, actor: Actor = 'server', view = 'common'): string {
  const read = readRegion(scripted.state, actor, stream, view);
  return read.ok ? read.region : read.refusal.message;
}

describe('set-region', () => {
  it('room-model#19 swaps two streams; an empty or unknown region is refused and nothing changes', () => {
    const three = room('ABC');
    expect(updates(three.run(setRegion('C', '1', a)))).toEqual(['common.layout 1:C 2:B 3:A 4:']);
    expect(regionOf(three, 'C')).toBe('1');
    const { state } = three;
    expect(three.refusal(setRegion('C', '4', a))).toBe('Invalid region_id.');
    expect(three.refusal(setRegion('C', '9', a))).toBe('Invalid region_id.');
    expect(three.state).toBe(state);
  });

  it('to where the stream is already changes nothing, and does not ask who speaks', () => {
    const two = room('AB');
    expect(two.events(setRegion('B', '2'))).toEqual([]);
    expect(two.state.views.get('common')?.attention).toBe(0);
  });

  it('of a stream that waits makes the one shown there wait', () => {
    const three = room('ABC', { maxInput: 2 });
    expect(regionOf(three, 'C')).toBe('Invalid input stream_id.');
    expect(three.refusal(setRegion('C', '3'))).toBe('Invalid region');
    expect(updates(three.run(setRegion('C', '1')))).toEqual(['common.layout 1:C 2:B 3: 4:']);
    expect(regionOf(three, 'A')).toBe('Invalid input stream_id.');
    expect(three.state.streams.get('A')?.inViews).toEqual(['common']);
  });

  it('has the speaker reported anew', () => {
    const two = room('AB');
    two.run(setRegion('B', '1'));
    expect(two.state.views.get('common')?.attention).toBe(1);
  });
});

describe('set-region and get-region, in this order', () => {
  it.each<{ name: string; stream?: string; actor?: Actor; view?: string; text: string | undefined }>([
    { name: 'the owner', text: undefined },
    { name: 'role admin', actor: { participant: 'boss' }, text: undefined },
    { name: 'the server', actor: 'server', text: undefined },
    { name: 'no stream', stream: 'x', view: 'x', text: 'Stream does NOT exist' },
    { name: 'another', actor: { participant: 'b' }, view: 'x', text: 'unauthorized' },
    { name: 'a mixed stream', actor: 'server', stream: mixedId, view: 'x', text: 'Stream is Mixed' },
    { name: 'a connecting stream', stream: 'connecting', view: 'x', text: 'Stream is NOT ready' },
    { name: 'no view', stream: 'out', view: 'x', text: 'Invalid mix view' },
    { name: 'a view without video', view: 'sound', text: 'Invalid mix view' },
    { name: 'a stream that is not mixed', stream: 'out', text: 'Invalid input stream_id.' },
  ])('by or of $name: $text', ({ stream = 'A', actor = a, view = 'common', text }) => {
    const one = room('AB').stream('a', 'out');
    one.run(publishCommand('a', 'connecting'));
    expect(one.refusal(setRegion(stream, '2', actor, view))).toBe(text);
    expect(regionOf(one, stream, actor, view)).toBe(text ?? '1');
  });

  it('are not available where nothing mixes', () => {
    const plain = ScriptedRoom.open().join('a').stream('a', 'A');
    expect(plain.refusal(setRegion('A', '1'))).toBe('Mixing is not available');
    expect(plain.refusal(setLayout(columns('123')))).toBe('Mixing is not available');
    expect(regionOf(plain, 'A')).toBe('Mixing is not available');
  });
});

describe('set-layout', () => {
  it('room-model#22 puts named streams first, fills up in order, hides the rest; areas are n/d texts', () => {
    const four = room('ABCD');
    const notices = four.run(setLayout(columns('lmr', 'C')));
    expect(updates(notices)).toEqual(['common.layout l:C m:A r:B']);
    expect(regionOf(four, 'D')).toBe('Invalid input stream_id.');
    const info = roomView(four.state).streams[0]?.info;
    expect(info).toMatchObject({
      label: 'common',
      layout: [
        {
          stream: 'C',
          region: {
            id: 'l',
            shape: 'rectangle',
            area: { left: '0/3', top: '0/1', width: '1/3', height: '1/1' },
          },
        },
        { stream: 'A', region: { id: 'm' } },
        { stream: 'B', region: { id: 'r' } },
      ],
    });
    expect(notices[0]?.notice).toMatchObject({ update: { value: columns('lmr', 'CAB') } });
  });

  it('holds for who joins and leaves later', () => {
    const two = room('AB');
    two.run(setLayout(columns('lmr')));
    two.stream('a', 'C').stream('a', 'D').mix(['C', 'D']);
    expect(two.layout()).toBe('l:A m:B r:C');
    two.run({ type: 'unpublish', actor: a, session: 'A' });
    expect(two.layout()).toBe('l:D m:B r:C');
    two.run({ type: 'unpublish', actor: a, session: 'D' });
    expect(two.layout()).toBe('l:B m:C r:');
  });

  it('has the speaker reported anew, each time', () => {
    const one = room('A');
    one.run(setLayout(columns('lr')));
    one.run(setLayout(columns('lr')));
    expect(one.state.views.get('common')?.attention).toBe(2);
  });

  it.each<{ name: string; command: Command; text: string | undefined }>([
    { name: 'the server', command: setLayout(columns('lr')), text: undefined },
    {
      name: 'role admin',
      command: setLayout(columns('lr'), mixedId, { participant: 'boss' }),
      text: undefined,
    },
    { name: 'another', command: setLayout(null, mixedId, a), text: 'unauthorized' },
    { name: 'no stream', command: setLayout(null, 'x', a), text: 'Stream does NOT exist' },
    { name: 'a forward stream', command: setLayout(null, 'A'), text: 'Not mixed stream' },
    { name: 'no list', command: setLayout('x'), text: 'Invalid value' },
    { name: 'no regions', command: setLayout([]), text: 'Invalid region' },
    { name: 'no such stream', command: setLayout(columns('lr', 'x')), text: 'Invalid input stream id' },
    {
      name: 'the mixed stream itself',
      command: setLayout([{ ...columns('l')[0], stream: mixedId }]),
      text: 'Invalid input stream id',
    },
    {
      name: 'a stream that is not mixed',
      command: setLayout([{ ...columns('l')[0], stream: 'out' }]),
      text: 'Invalid input stream id',
    },
    {
      name: 'a view without video',
      command: setLayout(columns('lr'), `${roomId}-sound`),
      text: 'Invalid mix view',
    },
  ])('by or of $name: $text', ({ command, text }) => {
    expect(room('AB').stream('a', 'out').refusal(command)).toBe(text);
  });
});

describe('templates', () => {
  it.each([
    {
      check: 'room-model#6 fluid with nine',
      video: {},
      streams: 'ABCDEFGHI',
      layout: '1:A 2:B 3:C 4:D 5:E 6:F 7:G 8:H 9:I',
    },
    {
      check: 'room-model#7 lecture with thirteen',
      video: { layout: { templates: { base: 'lecture' } } },
      streams: 'ABCDEFGHIJKLM',
      layout: '1:A 2:B 3:C 4:D 5:E 6:F 7:G 8:H 9:I 10:J 11:K 12:L 13:M',
    },
    {
      check: 'room-model#8 lecture, maxInput 4, two',
      video: { maxInput: 4, layout: { templates: { base: 'lecture' } } },
      streams: 'AB',
      layout: '1:A 2:B 3: 4: 5: 6:',
    },
    {
      check: 'room-model#9 five of a custom template',
      video: custom('abcde'),
      streams: 'ABCDE',
      layout: 'a:A b:B c:C d:D e:E',
    },
    {
      check: 'room-model#9 six beside it',
      video: custom('abcde'),
      streams: 'ABCDEF',
      layout: '1:A 2:B 3:C 4:D 5:E 6:F 7: 8: 9:',
    },
    {
      check: 'room-model#9 a custom four instead of the 2×2',
      video: custom('abcd'),
      streams: 'AB',
      layout: 'a:A b:B c: d:',
    },
  ])('$check', ({ video, streams, layout }) => {
    expect(room(streams, video).layout()).toBe(layout);
  });

  function custom(ids: string) {
    return { layout: { templates: { custom: [{ region: columns(ids).map(({ region }) => region) }] } } };
  }

  it('the fifth input changes a 2×2 view to 3×3 and its leaving changes it back, in one notice each', () => {
    const four = room('ABCD').stream('a', 'E');
    expect(updates(four.run({ type: 'mix', actor: a, stream: 'E', view: 'common' }))).toEqual([
      'E.inViews common',
      'common.layout 1:A 2:B 3:C 4:D 5:E 6: 7: 8: 9:',
    ]);
    expect(updates(four.run({ type: 'unpublish', actor: a, session: 'B' }))).toEqual([
      'common.layout 1:A 2:C 3:D 4:E',
      'removed B',
    ]);
  });
});
