// Owns the tests of rooms that opened before it was known what can be mixed for them.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createManualClock } from '../platform/memory/manual-clock.ts';
import type { Abilities } from './abilities.ts';
import type { Command } from './command.ts';
import { learnTranscoders } from './learn-transcoders.ts';
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

  it('is taught again, without another word from workers, when its log says otherwise', async () => {
    const room = await scene.edge('e1', { settings: watching }).open(scene.room);
    say({ ...both, made: ['h265'] });
    await scene.rest();
    await done(room.execute({ type: 'learn-transcoders', transcoders: both }));
    expect(room.state.transcoders).toEqual(both);
    await scene.clock.advance(1000);
    expect(room.state.transcoders).toEqual({ ...both, made: ['h265'] });
  });
});

describe('learnTranscoders', () => {
  function learning() {
    const clock = createManualClock();
    const scene = { room: ScriptedRoom.open() };
    const lines: string[] = [];
    const writing: { command: Command; done: () => void; failed: (error: Error) => void }[] = [];
    let say: (abilities: Abilities) => void = () => undefined;
    const watch = (hear: typeof say) => {
      say = hear;
      return () => lines.push('stopped');
    };
    const learn = learnTranscoders({
      room: 'r',
      watch,
      state: () => scene.room.state,
      execute: (command) =>
        new Promise<void>((resolve, reject) => {
          const done = () => {
            scene.room.run(command);
            resolve();
          };
          writing.push({ command, done, failed: reject });
        }),
      clock,
      log: { info: () => undefined, warn: (text) => void lines.push(text), error: () => undefined },
    });
    return { clock, lines, writing, learn, scene, say: (abilities: Abilities) => say(abilities) };
  }
  const able: Transcoders = { ...both, made: ['h265'] };

  it('writes again what could not be written, once a second however often it is heard', async () => {
    const { say, clock, writing, lines } = learning();
    say(known(both));
    say(known(both));
    expect(writing).toHaveLength(1);
    for (let seconds = 1; seconds < 4; seconds += 1) {
      writing.at(-1)?.failed(new Error('away'));
      await clock.advance(0);
      say(known(both));
      await clock.advance(999);
      say(known(both));
      expect(writing).toHaveLength(seconds);
      await clock.advance(1);
      expect(writing).toHaveLength(seconds + 1);
    }
    expect(lines).toEqual(Array(3).fill('what workers can do could not be written'));
    writing.at(-1)?.done();
    await clock.advance(10_000);
    expect(writing).toHaveLength(4);
  });

  it('writes at once what is heard after something was written, and somewhat later what was heard meanwhile', async () => {
    const { say, clock, writing, scene } = learning();
    say(known(both));
    say(known(able));
    writing[0]?.done();
    await clock.advance(1000);
    writing[1]?.done();
    await clock.advance(0);
    expect(scene.room.state.transcoders).toEqual(able);
    say(known({ ...able, taken: ['av1'] }));
    expect(writing.map(({ command }) => 'transcoders' in command && command.transcoders)).toEqual([
      both,
      able,
      { ...able, taken: ['av1'] },
    ]);
  });

  it('writes again what the log has lost', async () => {
    const { learn, say, clock, writing, scene } = learning();
    say(known(able));
    writing[0]?.done();
    await clock.advance(0);
    learn.look();
    expect(writing).toHaveLength(1);
    scene.room = ScriptedRoom.open();
    learn.look();
    await clock.advance(999);
    expect(writing).toHaveLength(1);
    await clock.advance(1);
    expect(writing).toHaveLength(2);
  });

  it.each(['while it writes', 'while it rests'])('that is closed %s is done', async (when) => {
    const { learn, say, clock, writing, lines } = learning();
    say(known(both));
    if (when === 'while it writes') learn.close();
    writing[0]?.failed(new Error('away'));
    await clock.advance(0);
    if (when === 'while it rests') learn.close();
    say(known(able));
    learn.look();
    await clock.advance(10_000);
    expect(writing).toHaveLength(1);
    expect(lines).toContain('stopped');
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
      clock: createManualClock(),
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
      clock: createManualClock(),
      log: { info: () => undefined, warn: () => undefined, error: () => undefined },
    });
    expect(asked).toEqual([['qsv']]);
  });
});
