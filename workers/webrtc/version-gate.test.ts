import { beforeEach, describe, expect, it } from 'vitest';
import { ManualClock } from '../agent/testing/manual-clock.ts';
import { VersionGate } from './version-gate.ts';

describe('VersionGate', () => {
  let clock: ManualClock;
  let gate: VersionGate;

  beforeEach(() => {
    clock = new ManualClock();
    gate = new VersionGate(clock);
  });

  const outcome = (waiting: Promise<void>): { value: string } => {
    const result = { value: 'waiting' };
    waiting.then(
      () => (result.value = 'open'),
      (error: unknown) => (result.value = String(error)),
    );
    return result;
  };

  it.each([
    [3, 3, 'open'],
    [3, 4, 'open'],
    [3, 2, 'waiting'],
  ])('for version %i at %i it is %s', async (version, current, expected) => {
    const result = outcome(gate.wait('r', version, current));
    await clock.advance(0);
    expect(result.value).toBe(expected);
  });

  it('opens for those whose version and room are reached', async () => {
    const results = [
      outcome(gate.wait('r', 2, 0)),
      outcome(gate.wait('r', 3, 0)),
      outcome(gate.wait('other', 2, 0)),
    ];
    gate.reached('r', 2);
    await clock.advance(0);
    expect(results.map(({ value }) => value)).toEqual(['open', 'waiting', 'waiting']);
  });

  it('gives up after 4 s', async () => {
    const result = outcome(gate.wait('r', 1, -1));
    await clock.advance(3999);
    expect(result.value).toBe('waiting');
    await clock.advance(1);
    expect(result.value).toContain('has not caught up');
  });

  it('lets no more than 1000 wait', async () => {
    for (let count = 0; count < 1000; count++) outcome(gate.wait('r', 1, 0));
    const result = outcome(gate.wait('r', 1, 0));
    await clock.advance(0);
    expect(result.value).toContain('has not caught up');
    gate.close();
  });
});
