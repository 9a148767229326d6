// Owns the tests of how often a mixer that fails is tried.
import { beforeEach, describe, expect, it } from 'vitest';
import type { DesiredMixer } from '../../schemas/worker.ts';
import { createManualClock, type ManualClock } from '../platform/memory/manual-clock.ts';
import { FailingMixers } from './failing-mixers.ts';

const mixers = ['a', 'b'].map((id): DesiredMixer => ({ kind: 'audio', id, inputs: [], outputs: [] }));

describe('mixers that fail', () => {
  let clock: ManualClock;
  let failing: FailingMixers;
  let rests: number;

  beforeEach(() => {
    clock = createManualClock();
    rests = 0;
    failing = new FailingMixers({ clock, tries: 3, restMs: 500, rested: () => (rests += 1) });
  });

  const admitted = () => failing.admitted(mixers).map(({ id }) => id);

  it('rest, each time longer, and are hopeless after several failures', async () => {
    expect(failing.failed('a')).toBe(false);
    expect(admitted()).toEqual(['b']);
    await clock.advance(499);
    expect(rests).toBe(0);
    await clock.advance(1);
    expect([rests, ...admitted()]).toEqual([1, 'a', 'b']);
    expect(failing.failed('a')).toBe(false);
    await clock.advance(999);
    expect(admitted()).toEqual(['b']);
    await clock.advance(1);
    expect(failing.failed('a')).toBe(true);
    await clock.advance(2000);
    expect(admitted()).toEqual(['a', 'b']);
    expect(failing.failed('a')).toBe(true);
  });

  it('count a failure once, however often it is reported', () => {
    for (let report = 0; report < 5; report += 1) expect(failing.failed('a')).toBe(false);
  });

  it('begin anew after they ran for a while, and when nobody wanted them', async () => {
    for (const restMs of [500, 1000]) {
      failing.failed('a');
      await clock.advance(restMs);
    }
    await clock.advance(60_000);
    expect(failing.failed('a')).toBe(false);
    await clock.advance(500);
    failing.failed('a');
    failing.admitted([]);
    expect(admitted()).toEqual(['a', 'b']);
    expect(failing.failed('a')).toBe(false);
  });

  it('are forgotten when it is over', async () => {
    failing.failed('a');
    failing.close();
    await clock.advance(10_000);
    expect(rests).toBe(0);
  });
});
