// Owns the tests of rooms that opened before it was known what can be mixed for them.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Abilities } from './abilities.ts';
import { learnTranscoders } from './learn-transcoders.ts';
import type { Outcome } from './live-room.ts';
import { ScriptedRoom, roomId, toldTo } from './scripted-room.ts';
import { createScene, done, hear, join, to, type Scene } from './scripted-scene.ts';
import { roomView } from './stream-info.ts';
import { noTranscoders, type Transcoders } from './transcoders.ts';

const both = { audio: true, video: true };
const known = (transcoders: Transcoders, whole = false): Abilities => ({ of: () => transcoders, whole });
const settings = { views: [{}, { label: 'sound', video: false }], selectActiveAudio: true };

describe('a room that learns', () => {
  it('has then what it would have opened with, and tells who is inside', () => {
    const room = ScriptedRoom.open(settings).join('a').stream('a', 's');
    const notices = room.run({ type: 'learn-transcoders', transcoders: both });
    const knowing = ScriptedRoom.mixing(settings).join('a').stream('a', 's');
    expect(room.state).toEqual({ ...knowing.state, seq: room.state.seq });
    const streams = roomView(room.state).streams;
    const added = streams.filter(({ id }) => id !== 's').map((stream) => ({ type: 'stream-added', stream }));
    const offered = streams.find(({ id }) => id === 's');
    expect(added.map(({ stream }) => stream.id)).toEqual([
      `${roomId}-common`,
      `${roomId}-sound`,
      'active-audio-0',
      'active-audio-1',
      'active-audio-2',
    ]);
    expect(toldTo('a', notices)).toEqual([
      ...added,
      { type: 'stream-updated', stream: 's', update: { field: '.', value: offered } },
    ]);
  });

  it('keeps what it has: its views go on, nothing is taken back', () => {
    const room = ScriptedRoom.open(settings).join('a').stream('a', 's');
    room.run({ type: 'learn-transcoders', transcoders: { audio: true, video: false } });
    room.mix(['s'], ['sound']);
    const sound = room.state.views.get('sound');
    const notices = room.run({ type: 'learn-transcoders', transcoders: { audio: false, video: true } });
    expect([...room.state.views.keys()]).toEqual(['common', 'sound']);
    expect(room.state.views.get('sound')).toBe(sound);
    const added = toldTo('a', notices).filter(({ type }) => type === 'stream-added');
    expect(added).toMatchObject([{ stream: { id: `${roomId}-common` } }]);
    expect(room.events({ type: 'learn-transcoders', transcoders: noTranscoders })).toEqual([]);
    expect(room.events({ type: 'learn-transcoders', transcoders: both })).toEqual([]);
  });

  it('offers from then on nothing that cannot be made', () => {
    const mediaOut = { audio: [{ codec: 'opus', sampleRate: 48000, channelNum: 2 }, { codec: 'ilbc' }] };
    const room = ScriptedRoom.open({ mediaOut });
    const formats = () => room.state.document?.mediaOut.audio.map(({ codec }) => codec);
    expect(formats()).toEqual(['opus', 'ilbc']);
    room.run({ type: 'learn-transcoders', transcoders: both });
    expect(formats()).toEqual(['opus']);
  });

  it('that has closed meanwhile learns nothing', () => {
    expect(new ScriptedRoom().events({ type: 'learn-transcoders', transcoders: both })).toEqual([]);
  });
});

describe('a live room', () => {
  let scene: Scene;
  const heard = new Set<(abilities: Abilities) => void>();
  const watching = {
    watchTranscoders: (hear: (abilities: Abilities) => void) => {
      heard.add(hear);
      return () => heard.delete(hear);
    },
  };
  const say = (transcoders: Transcoders) => heard.forEach((hear) => hear(known(transcoders)));

  beforeEach(async () => {
    scene = await createScene(ScriptedRoom.document());
  });
  afterEach(async () => {
    await scene.close();
    expect(heard.size).toBe(0);
  });

  it('opens without workers, and all its edges learn once of the first', async () => {
    const room = await scene.edge('e1', { settings: watching }).open(scene.room);
    const other = await scene.edge('e2', { settings: watching }).open(scene.room);
    await done(room.execute(join('p1')));
    await scene.rest();
    expect(room.state.views.size).toBe(0);
    const told = hear(room);
    const before = room.state.seq;
    say(noTranscoders);
    say(both);
    say(both);
    await scene.rest();
    say(both);
    await scene.rest();
    expect(room.state.seq).toBe(before + 1);
    expect(other.state).toEqual(room.state);
    expect([...other.state.views.keys()]).toEqual(['common']);
    expect(to('p1', told.notices())).toMatchObject([
      { type: 'stream-added', stream: { id: `${scene.room}-common` } },
    ]);
  });
});

describe('learnTranscoders', () => {
  it('writes again what could not be written, but not while it is being written', async () => {
    const lines: string[] = [];
    let say: (abilities: Abilities) => void = () => undefined;
    const writing: ((outcome: Outcome) => void)[] = [];
    const failing: ((error: Error) => void)[] = [];
    learnTranscoders({
      room: 'r',
      watch: (hear) => {
        say = hear;
        return () => undefined;
      },
      state: () => ScriptedRoom.open().state,
      execute: () =>
        new Promise((resolve, reject) => {
          writing.push(resolve);
          failing.push(reject);
        }),
      log: { info: () => undefined, warn: (text) => void lines.push(text), error: () => undefined },
    });
    say(known(both));
    say(known(both));
    expect(writing).toHaveLength(1);
    failing[0]?.(new Error('away'));
    await new Promise((resolve) => setImmediate(resolve));
    expect(lines).toEqual(['what workers can do could not be written']);
    say(known(both));
    expect(writing).toHaveLength(2);
  });

  it.each<[string, Transcoders, boolean, Transcoders | undefined]>([
    ['more from anybody', { ...both, made: ['h265', 'av1'] }, false, { ...both, made: ['h265', 'av1'] }],
    ['less from who knows all workers', both, true, both],
    ['no less from who does not', both, false, undefined],
    ['another from who knows all', { ...both, taken: ['av1'] }, true, { ...both, taken: ['av1'] }],
    ['no kind of media less', { audio: true, video: false, made: ['h265'] }, true, undefined],
  ])('takes %s', (_what, now, whole, written) => {
    const room = ScriptedRoom.open();
    room.run({ type: 'learn-transcoders', transcoders: { ...both, made: ['h265'] } });
    const commands: unknown[] = [];
    learnTranscoders({
      room: 'r',
      watch: (hear) => {
        hear(known(now, whole));
        return () => undefined;
      },
      state: () => room.state,
      execute: (command) => Promise.resolve(commands.push(command)),
      log: { info: () => undefined, warn: () => undefined, error: () => undefined },
    });
    const command = { type: 'learn-transcoders', transcoders: written };
    expect(commands).toEqual(written === undefined ? [] : [command]);
  });

  it('asks for the engines that the room allows', () => {
    const asked: unknown[] = [];
    const of: Abilities['of'] = (engines) => {
      asked.push(engines);
      return both;
    };
    learnTranscoders({
      room: 'r',
      watch: (hear) => {
        hear({ of, whole: true });
        return () => undefined;
      },
      state: () => ScriptedRoom.mixing({ mediaEngines: ['qsv'] }).state,
      execute: () => Promise.resolve(),
      log: { info: () => undefined, warn: () => undefined, error: () => undefined },
    });
    expect(asked).toEqual([['qsv']]);
  });
});
