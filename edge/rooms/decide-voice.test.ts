// Owns the tests of who speaks in a view and of selected audio, from a worker's report to what clients see.
import { describe, expect, it } from 'vitest';
import type { Command } from './command.ts';
import { mixerId } from './output-name.ts';
import { ScriptedRoom, roomId } from './scripted-room.ts';
import { updates } from './scripted-updates.ts';
import { roomView, selectedStreams } from './stream-info.ts';
import { columns } from './view/scripted-view.ts';

function speaker(stream: string, label = 'common', worker = 'w1'): Command {
  const mixer = mixerId(`${roomId}-${label}`, 'audio');
  return { type: 'report', worker, item: { type: 'speaker', mixer, stream } };
}

/** Streams A, B, C mixed into one view with these settings, mixers on w1. */
function three(view: Readonly<Record<string, unknown>> = {}): ScriptedRoom {
  const room = ScriptedRoom.mixing({ views: [view] }).join('a');
  for (const id of 'ABC') room.stream('a', id);
  room.run({ type: 'place-mixing', worker: 'w1' });
  return room.mix(['A', 'B', 'C']);
}

const a = { participant: 'a' };
const primary = { video: { keepActiveInputPrimary: true } };

function activeInput({ state }: ScriptedRoom): string | undefined {
  return state.views.get('common')?.activeInput;
}

describe('the active speaker', () => {
  it('room-model#20 keepActiveInputPrimary: swaps with the first, told once; said again it tells nothing', () => {
    const room = three(primary);
    expect(updates(room.run(speaker('B')))).toEqual(['common.layout 1:B 2:A 3:C 4:', 'common.activeInput B']);
    expect(room.events(speaker('B'))).toEqual([]);
    expect(updates(room.run(speaker('C')))).toEqual(['common.layout 1:C 2:A 3:B 4:', 'common.activeInput C']);
  });

  it('room-model#21 without keepActiveInputPrimary the layout stays', () => {
    const room = three();
    expect(updates(room.run(speaker('B')))).toEqual(['common.activeInput B']);
    expect(room.layout()).toBe('1:A 2:B 3:C 4:');
    expect(roomView(room.state).streams[0]?.info).toMatchObject({ activeInput: 'B' });
  });

  it('shows one who waits in the place of who was primary least often', () => {
    const room = three({ video: { maxInput: 2, keepActiveInputPrimary: true } });
    expect(updates(room.run(speaker('C')))).toEqual(['common.layout 1:C 2:A 3: 4:', 'common.activeInput C']);
  });

  it('comes first again when it is reported anew after a region was set', () => {
    const room = three(primary);
    room.run(speaker('B'));
    room.run({ type: 'set-region', actor: 'server', stream: 'A', view: 'common', region: '1' });
    expect(room.layout()).toBe('1:A 2:B 3:C 4:');
    expect(updates(room.run(speaker('B')))).toEqual(['common.layout 1:B 2:A 3:C 4:']);
  });

  it('who leaves the view is not active in it any more', () => {
    const room = three();
    room.run(speaker('B'));
    expect(updates(room.run({ type: 'unmix', actor: 'server', stream: 'B', view: 'common' }))).toEqual([
      'B.inViews',
      'common.layout 1:A 2:C 3: 4:',
      'common.activeInput unknown',
    ]);
    room.run(speaker('A'));
    expect(updates(room.run({ type: 'unpublish', actor: a, session: 'A' }))).toEqual([
      'common.layout 1:C',
      'common.activeInput unknown',
      'removed A',
    ]);
  });

  it.each<{ name: string; report: Command; view?: Readonly<Record<string, unknown>> }>([
    { name: 'a worker that does not mix the room', report: speaker('B', 'common', 'w2') },
    { name: 'a mixer that is not there', report: speaker('B', 'x') },
    { name: 'a stream that is not in the view', report: speaker('out') },
    { name: 'a stream that is gone', report: speaker('x') },
    { name: 'a view without vad', report: speaker('B'), view: { audio: { vad: false } } },
    { name: 'a view without video', report: speaker('B'), view: { video: false } },
  ])('a report of $name means nothing', ({ report, view }) => {
    const room = three(view).stream('a', 'out');
    expect(room.events(report)).toEqual([]);
    expect(activeInput(room)).toBe('unknown');
  });

  it('means nothing before the mixers have a place', () => {
    const room = ScriptedRoom.mixing().join('a').stream('a', 'A').mix(['A']);
    expect(room.events(speaker('A'))).toEqual([]);
  });

  it('stays who it is through a set layout', () => {
    const room = three(primary);
    room.run(speaker('B'));
    room.run({ type: 'set-layout', actor: 'server', stream: `${roomId}-common`, layout: columns('lr', 'A') });
    expect(activeInput(room)).toBe('B');
    expect(room.layout()).toBe('l:A r:B');
  });
});

interface Input {
  readonly stream?: string;
  readonly volume: 'major' | 'minor';
}

function selected(inputs: readonly Input[], worker = 'w1'): Command {
  const item = { type: 'selected' as const, mixer: mixerId('active-audio', 'audio'), inputs: [...inputs] };
  return { type: 'report', worker, item };
}

/** Participant a publishes A, B and C in a room with selected audio. */
function selecting(): ScriptedRoom {
  const room = ScriptedRoom.mixing({ selectActiveAudio: true }).join('a');
  for (const id of 'ABC') room.stream('a', id);
  room.run({ type: 'place-mixing', worker: 'w1' });
  return room;
}

describe('selected audio', () => {
  it('has three streams from the opening of the room, of unknown format', () => {
    const room = ScriptedRoom.mixing({ selectActiveAudio: true }).join('a').stream('a', 'A');
    const ids = ['active-audio-0', 'active-audio-1', 'active-audio-2'];
    expect(roomView(room.state).streams.map(({ id }) => id)).toEqual([`${roomId}-common`, ...ids, 'A']);
    expect(selectedStreams(room.state)[0]).toStrictEqual({
      id: 'active-audio-0',
      type: 'forward',
      media: {
        tracks: [{ type: 'audio', status: 'active', format: { codec: 'unknown' }, optional: { format: [] } }],
      },
      info: { owner: 'unknown', type: 'selecting', inViews: [], activeInput: 'unknown' },
    });
  });

  it.each([
    ['without being asked for', ScriptedRoom.mixing()],
    ['without workers for audio', ScriptedRoom.open({ selectActiveAudio: true })],
  ])('has no streams %s', (_case, room) => {
    expect(selectedStreams(room.state)).toEqual([]);
    expect(room.state.selected).toEqual([]);
  });

  it('tells of each stream that carries something else than before', () => {
    const room = selecting();
    const first = selected([
      { stream: 'B', volume: 'major' },
      { stream: 'A', volume: 'minor' },
    ]);
    expect(updates(room.run(first))).toEqual([
      'active-audio-0.activeInput B major',
      'active-audio-1.activeInput A minor',
    ]);
    expect(room.events(first)).toEqual([]);
    expect(
      updates(
        room.run(
          selected([
            { stream: 'A', volume: 'major' },
            { stream: 'A', volume: 'minor' },
          ]),
        ),
      ),
    ).toEqual(['active-audio-0.activeInput A major']);
    expect(selectedStreams(room.state).map(({ info }) => info)).toMatchObject([
      { activeInput: 'A', volume: 'major' },
      { activeInput: 'A', volume: 'minor' },
      { activeInput: 'unknown' },
    ]);
  });

  it('forgets a stream that ends before its removal is told', () => {
    const room = selecting();
    room.run(selected([{ stream: 'B', volume: 'major' }]));
    expect(updates(room.run({ type: 'unpublish', actor: a, session: 'B' }))).toEqual([
      'active-audio-0.activeInput unknown minor',
      'removed B',
    ]);
  });

  it.each([
    {
      name: 'a worker that does not mix the room',
      command: selected([{ stream: 'A', volume: 'major' }], 'w2'),
    },
    { name: 'streams that are gone', command: selected([{ stream: 'x', volume: 'major' }]) },
    {
      name: 'a fourth stream',
      command: selected([
        { volume: 'minor' },
        { volume: 'minor' },
        { volume: 'minor' },
        { stream: 'A', volume: 'major' },
      ]),
    },
  ])('a report of $name means nothing', ({ command }) => {
    expect(selecting().events(command)).toEqual([]);
  });

  it('cannot be mixed, paused or ended', () => {
    const room = selecting();
    const stream = 'active-audio-0';
    const pause = { type: 'set-stream-status', stream, operation: 'pause', media: 'audio' } as const;
    expect(room.refusal({ ...pause, actor: 'server' })).toBe('Stream is Mixed');
    expect(room.refusal({ ...pause, actor: { participant: 'a' } })).toBe('unauthorized');
    expect(room.refusal({ type: 'mix', actor: 'server', stream, view: 'common' })).toBe('Stream is Mixed');
    expect(room.refusal({ type: 'unpublish', actor: 'server', session: stream })).toBe(
      'Stream does NOT exist',
    );
  });
});
