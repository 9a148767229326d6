import { describe, expect, it } from 'vitest';
import { TimestampFloor } from './timestamp-floor.ts';

const hour = 3_600_000;
const start = 1_700_000_000_000;
const many = 1_000_000;

describe('the floor under timestamps', () => {
  it('is not there before anything was forgotten', () => {
    const floor = new TimestampFloor(hour, many);
    expect(floor.isTooOld(1, start)).toBe(false);
    floor.accept(start, start);
    expect(floor.isTooOld(1, start + hour)).toBe(false);
  });

  it.each([
    ['right', 0],
    ['three years behind', -3 * 365 * 24 * hour],
    ['a minute behind', -60_000],
    ['two minutes ahead', 120_000],
    ['a day ahead', 24 * hour],
  ])(
    'lets clocks that are %s go on, and no request of theirs come back once it is forgotten',
    (_, offset) => {
      const floor = new TimestampFloor(hour, many);
      for (let now = start; now < start + 10 * hour; now += 60_000) {
        const timestamp = now + offset;
        expect(floor.isTooOld(timestamp, now)).toBe(false);
        floor.accept(timestamp, now);
        const keepMs = floor.memoryMs(timestamp, now);
        expect(floor.isTooOld(timestamp, now + keepMs - keepMs)).toBe(false);
        const forgotten = start + offset;
        if (now - start >= floor.memoryMs(forgotten, start))
          expect(floor.isTooOld(forgotten, now)).toBe(true);
      }
    },
  );

  it('nobody is shut out by a clock that runs ahead', () => {
    const floor = new TimestampFloor(hour, many);
    floor.accept(start + 365 * 24 * hour, start);
    for (let now = start; now < start + 30 * hour; now += 600_000) {
      expect(floor.isTooOld(now - 50 * 60_000, now)).toBe(false);
      floor.accept(now, now);
    }
  });

  it('shuts out a clock that is further behind the others than the memory is long', () => {
    const floor = new TimestampFloor(hour, many);
    for (let now = start; now < start + 3 * hour; now += 60_000) floor.accept(now, now);
    expect(floor.isTooOld(start + 3 * hour - 30 * 60_000, start + 3 * hour)).toBe(false);
    expect(floor.isTooOld(start + 3 * hour - 2 * hour, start + 3 * hour)).toBe(true);
  });

  it('rises earlier when more is accepted than can be remembered', () => {
    const floor = new TimestampFloor(hour, 1_000);
    for (let count = 0; count < 3_000; count += 1) {
      const now = start + count * 1_000;
      expect(floor.isTooOld(now, now)).toBe(false);
      floor.accept(now, now);
    }
    const now = start + 3_000_000;
    expect(floor.isTooOld(start + 10_000, now)).toBe(true);
    expect(floor.isTooOld(now - 600_000, now)).toBe(false);
  });
});
