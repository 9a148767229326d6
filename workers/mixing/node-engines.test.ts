import { beforeEach, describe, expect, it } from 'vitest';
import type { ManualClock } from '../agent/testing/manual-clock.ts';
import { EngineFailure } from '../engine/engine-failure.ts';
import type { Source } from '../routing/source.ts';
import { outputOf } from '../video/scripted-view.ts';
import { ScriptedRoom, video } from './scripted-room.ts';
import type { ScriptedThreads } from './scripted-threads.ts';

describe('the engines of mixers', () => {
  let room: ScriptedRoom;
  let clock: ManualClock;
  let threads: ScriptedThreads;

  beforeEach(async () => {
    room = new ScriptedRoom();
    ({ clock, threads } = room);
    await clock.advance(10);
  });

  it('goes on with the next engine when one fails, and tells why', async () => {
    const source = room.publish('a-track');
    await room.wish([video()]);
    room.send(source, 1, true);
    await clock.advance(10);
    threads.latest.breaksWith = new EngineFailure('vaapi', 'the device is busy');
    room.send(source, 2);
    await clock.advance(20);
    expect(threads.engines).toEqual(['vaapi', 'cpu']);
    expect(room.sequences()).toEqual([1, 2]);
    threads.latest.breaksWith = new EngineFailure('cpu', 'out of memory');
    room.send(source, 3);
    await clock.advance(20);
    expect(threads.engines).toEqual(['vaapi', 'cpu', 'wasm']);
    await clock.advance(2000);
    const reason = 'the engine cpu failed: out of memory';
    expect(room.node.stats('r')).toMatchObject([{ rebuilds: 2, fallbacks: 2, fallbackReason: reason }]);
    expect(room.reports).toEqual([]);
  });

  it('keeps other mixers away from an engine that failed, until one has tried it', async () => {
    await room.wish([video()]);
    threads.latest.breaksWith = new EngineFailure('vaapi', 'the device is busy');
    const source = room.publish('a-track');
    room.send(source, 1, true);
    await clock.advance(20);
    const mixers = ['b/video', 'c/video', 'd/video'].map((id) => ({ ...video(), id }));
    await room.wish([video(), ...mixers.slice(0, 1)]);
    expect(threads.engines).toEqual(['vaapi', 'cpu', 'cpu']);
    await clock.advance(10_000);
    await room.wish([video(), ...mixers]);
    expect(threads.engines.slice(3)).toEqual(['vaapi', 'cpu']);
  });

  it.each<['device' | 'session', string[]]>([
    ['device', ['vaapi', 'cpu', 'cpu']],
    ['session', ['vaapi', 'cpu', 'vaapi']],
  ])('keeps others away from what failed with scope %s, or not', async (scope, engines) => {
    const source = room.publish('a-track');
    await room.wish([video()]);
    threads.latest.breaksWith = new EngineFailure('vaapi', 'out of surfaces', { scope });
    room.send(source, 1, true);
    await clock.advance(20);
    await room.wish([video(), { ...video(), id: 'b/video' }]);
    expect(threads.engines).toEqual(engines);
  });

  describe('a stream that breaks engines', () => {
    const breakWith = async (
      source: Source,
      sequence: number,
      scope: 'device' | 'session',
    ): Promise<void> => {
      const { engines } = threads;
      threads.latest.breaksWith = new EngineFailure(
        engines.at(-1) === 'cpu' ? 'cpu' : 'vaapi',
        'cannot decode',
        {
          scope,
          input: 'a',
        },
      );
      room.send(source, sequence, true);
      await clock.advance(20);
    };
    const isActive = () => {
      const settings = threads.latest.configured.at(-1);
      return settings?.kind === 'video' ? settings.inputs.map(({ active }) => active) : [];
    };

    it('does not move the room: it is not given again, then not decoded for a while, and told of', async () => {
      const [bad, good] = [room.publish('a-track'), room.publish('b-track')];
      await room.wish([video(['a', 'b'])]);
      room.send(good, 1, true);
      await clock.advance(10);
      await breakWith(bad, 100, 'session');
      expect(room.sequences()).toEqual([1]);
      expect(isActive()).toEqual([true, true]);
      await breakWith(bad, 200, 'session');
      expect(isActive()).toEqual([false, true]);
      expect(threads.engines).toEqual(['vaapi', 'vaapi', 'vaapi']);
      room.send(bad, 201);
      await clock.advance(2000);
      expect(threads.pipelines).toHaveLength(3);
      threads.latest.statsInputs = ['a', 'b'];
      await clock.advance(2000);
      const reason = 'the engine vaapi failed: cannot decode';
      const [stats] = room.node.stats('r');
      expect(stats).toMatchObject({ fallbacks: 0, inputs: [{ id: 'a', isolated: reason }, { id: 'b' }] });
      expect(stats?.inputs[1]).not.toHaveProperty('isolated');
      await clock.advance(60_000);
      expect(isActive()).toEqual([true, true]);
      await breakWith(bad, 300, 'session');
      expect(isActive()).toEqual([false, true]);
      await clock.advance(61_000);
      expect(isActive()).toEqual([false, true]);
      expect(room.reports).toEqual([]);
    });

    it('does not fall through all engines where it makes devices fail', async () => {
      const bad = room.publish('a-track');
      await room.wish([video()]);
      for (let round = 1; round <= 8; round++) {
        if (isActive()[0] === true) await breakWith(bad, 100 * round, 'device');
        await clock.advance(1000);
      }
      expect(threads.engines).toEqual(['vaapi', 'cpu', 'wasm']);
      expect(isActive()).toEqual([false]);
      expect(room.reports).toEqual([]);
    });

    it('is forgotten with its input', async () => {
      const bad = room.publish('a-track');
      await room.wish([video()]);
      await breakWith(bad, 100, 'session');
      await breakWith(bad, 200, 'session');
      await room.wish([video(['b'])]);
      await room.wish([video()]);
      expect(isActive()).toEqual([true]);
    });
  });

  describe('a mixer that fell', () => {
    const fall = async (source: Source, sequence: number): Promise<void> => {
      threads.latest.breaksWith = new EngineFailure('vaapi', 'the device is busy');
      room.send(source, sequence, true);
      await clock.advance(20);
    };

    it('returns when the engine is tried again and it has been away for a while, with all that it needs', async () => {
      const plis: number[] = [];
      const source = room.publish('a-track', plis);
      await room.wish([video()]);
      await fall(source, 1);
      await clock.advance(29_000);
      expect(threads.engines).toEqual(['vaapi', 'cpu']);
      plis.length = 0;
      for (let second = 0; second < 3 && plis.length === 0; second++) await clock.advance(1000);
      expect(plis).toHaveLength(1);
      expect(threads.engines).toEqual(['vaapi', 'cpu']);
      room.send(source, 2, true);
      room.send(source, 3);
      await clock.advance(100);
      expect(threads.engines).toEqual(['vaapi', 'cpu', 'vaapi']);
      expect(room.sequences()).toEqual([2, 3]);
      await clock.advance(2000);
      expect(room.node.stats('r')).toMatchObject([{ rebuilds: 1, fallbacks: 1 }]);
    });

    it('goes without the key frame of who sends none', async () => {
      const source = room.publish('a-track');
      await room.wish([video()]);
      await fall(source, 1);
      await clock.advance(33_000);
      expect(threads.engines).toEqual(['vaapi', 'cpu', 'vaapi']);
    });

    it('waits twice as long after each further fall', async () => {
      const source = room.publish('a-track');
      await room.wish([video()]);
      await fall(source, 1);
      await clock.advance(33_000);
      await fall(source, 10);
      await clock.advance(55_000);
      expect(threads.engines).toEqual(['vaapi', 'cpu', 'vaapi', 'cpu']);
      await clock.advance(10_000);
      expect(threads.engines.slice(4)).toEqual(['vaapi']);
    });

    it('is followed by those that began elsewhere meanwhile', async () => {
      const source = room.publish('a-track');
      await room.wish([video()]);
      await fall(source, 1);
      const other = { ...video(), id: 'b/video' };
      await room.wish([video(), other]);
      expect(threads.engines).toEqual(['vaapi', 'cpu', 'cpu']);
      await clock.advance(50_000);
      expect(threads.engines.slice(3)).toEqual(['vaapi', 'vaapi']);
    });

    it('waits for a calm moment', async () => {
      const source = room.publish('a-track');
      await room.wish([video()]);
      await fall(source, 1);
      await clock.advance(28_000);
      for (let second = 0; second < 6; second++) {
        await room.wish([video(second % 2 === 0 ? ['a', 'b'] : ['a'])]);
        await clock.advance(1000);
      }
      expect(threads.engines).toEqual(['vaapi', 'cpu']);
      await clock.advance(8000);
      expect(threads.engines).toEqual(['vaapi', 'cpu', 'vaapi']);
    });

    it('does not come with all others: one tries, the others follow one after the other', async () => {
      const source = room.publish('a-track');
      const mixers = ['a', 'b', 'c'].map((id) => ({ ...video(), id: `${id}/video` }));
      await room.wish(mixers);
      for (const pipeline of threads.pipelines) {
        pipeline.breaksWith = new EngineFailure('vaapi', 'the device is busy');
      }
      room.send(source, 1, true);
      await clock.advance(20);
      expect(threads.engines.slice(3)).toEqual(['cpu', 'cpu', 'cpu']);
      const returned = async (ms: number): Promise<number> => {
        await clock.advance(ms);
        return threads.engines.slice(6).length;
      };
      expect(await returned(33_500)).toBe(1);
      expect(await returned(3000)).toBe(1);
      expect(await returned(3000)).toBeLessThan(3);
      expect(await returned(6000)).toBe(3);
    });
  });

  it('stays on its engine when its thread is lost for another reason', async () => {
    await room.wish([video()]);
    room.node.disturb('kill', 'video');
    await clock.advance(50);
    expect(threads.engines).toEqual(['vaapi', 'vaapi']);
    await clock.advance(2000);
    expect(room.node.stats('r')).toMatchObject([{ rebuilds: 1, fallbacks: 0 }]);
  });

  it('moves to an engine that can do what is asked for now', async () => {
    await room.wish([video()]);
    const h264 = { ...outputOf('h264', { codec: 'h264' }) };
    await room.wish([{ ...video(), outputs: [outputOf('out'), h264] }]);
    expect(threads.engines).toEqual(['vaapi', 'wasm']);
    expect(threads.pipelines.map(({ closed }) => closed)).toEqual([1, 0]);
    await room.wish([{ ...video(['a', 'b']), outputs: [outputOf('out'), h264] }]);
    expect(threads.pipelines).toHaveLength(2);
  });
});
