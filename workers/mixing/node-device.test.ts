import { beforeEach, describe, expect, it } from 'vitest';
import type { ManualClock } from '../agent/testing/manual-clock.ts';
import { DeviceBudget } from './device-budget.ts';
import { audio, engine, ScriptedRoom, video } from './scripted-room.ts';
import type { ScriptedThreads } from './scripted-threads.ts';

describe('mixers on a device', () => {
  let room: ScriptedRoom;
  let clock: ManualClock;
  let threads: ScriptedThreads;
  let processes: ScriptedThreads;
  let budget: DeviceBudget;

  beforeEach(async () => {
    // Two of these pictures fit.
    budget = new DeviceBudget({ triedMs: 200 });
    const gpu = { ...engine('vaapi'), device: '/dev/dri/renderD128' };
    room = new ScriptedRoom({ engines: [gpu, engine('cpu')], budget, apart: true });
    ({ clock, threads, processes } = room);
    await clock.advance(10);
  });

  it('makes pictures, and nothing else, apart from the worker', async () => {
    await room.wish([video(), audio]);
    expect([processes.engines, threads.engines]).toEqual([['vaapi'], [undefined]]);
    // Each kind has one more that waits.
    expect([processes.alive, threads.alive]).toEqual([2, 2]);
    room.node.close();
    await clock.advance(10);
    expect([processes.alive, threads.alive]).toEqual([0, 0]);
  });

  it('makes no more than fits there, and another when one has ended', async () => {
    const views = (...ids: string[]) => ids.map((id) => ({ ...video(), id }));
    await room.wish(views('a', 'b', 'c'));
    expect([processes.engines, threads.engines]).toEqual([['vaapi', 'vaapi'], ['cpu']]);
    await room.wish(views('b', 'c'));
    expect(budget.mixers).toBe(1);
    await room.wish(views('b', 'c', 'd', 'e'));
    expect([processes.engines.length, threads.engines.length, budget.mixers]).toEqual([3, 2, 2]);
    await room.wish([]);
    expect(budget.mixers).toBe(0);
  });

  it('gives the place of a mixer that is given up to others', async () => {
    const source = room.publish('a-track');
    await room.wish([video()]);
    for (let loss = 0; loss < 7; loss++) {
      processes.latest.breaksWith = new Error('out of bounds');
      room.send(source, 10 * loss, true);
      await clock.advance(5000);
    }
    expect(processes.engines).toHaveLength(7);
    expect(room.reports).toEqual([{ type: 'mixer-failed', mixer: 'view/video', reason: 'out of bounds' }]);
    expect(budget.mixers).toBe(0);
  });

  it('goes on in the worker when the device is drained, which is no fallback', async () => {
    const source = room.publish('a-track');
    await room.wish([video()]);
    room.send(source, 1, true);
    await clock.advance(10);
    room.node.useDevice('draining');
    await clock.advance(20);
    expect(threads.engines).toEqual([]);
    room.node.useDevice('drained');
    await clock.advance(20);
    expect([threads.engines, budget.mixers]).toEqual([['cpu'], 0]);
    expect(room.sequences()).toEqual([1]);
    await clock.advance(2000);
    expect(room.node.stats('r')).toMatchObject([{ rebuilds: 0, fallbacks: 0 }]);
    room.node.useDevice('used');
    await room.wish([video(), { ...video(), id: 'b/video' }]);
    expect(processes.engines).toEqual(['vaapi', 'vaapi']);
  });

  it('returns to the device that is used again, when it has been away for a while', async () => {
    await room.wish([video()]);
    room.node.useDevice('drained');
    await clock.advance(1000);
    room.node.useDevice('used');
    await clock.advance(27_000);
    expect([processes.engines, threads.engines]).toEqual([['vaapi'], ['cpu']]);
    await clock.advance(5000);
    expect([processes.engines, threads.engines, budget.mixers]).toEqual([['vaapi', 'vaapi'], ['cpu'], 1]);
  });

  it('goes on in the worker with the next engine when its process is gone', async () => {
    const source = room.publish('a-track');
    await room.wish([video()]);
    room.send(source, 1, true);
    await clock.advance(10);
    processes.all[0]?.die('its process ended by SIGSEGV');
    await clock.advance(20);
    expect([processes.engines, threads.engines]).toEqual([['vaapi'], ['cpu']]);
    expect(room.sequences()).toEqual([1]);
    await clock.advance(2000);
    const fallbackReason = 'the engine vaapi failed: its process ended by SIGSEGV';
    expect(room.node.stats('r')).toMatchObject([{ rebuilds: 1, fallbacks: 1, fallbackReason }]);
    await room.wish([video(), { ...video(), id: 'b/video' }]);
    expect([processes.engines, threads.engines]).toEqual([['vaapi'], ['cpu', 'cpu']]);
  });
});
