import { expect, it } from 'vitest';
import { RateLimit } from './rate-limit.ts';

it('allows a burst, then so many a second', () => {
  const limit = new RateLimit(10, 3, 0);
  expect([0, 0, 0, 0].map((now) => limit.take(now))).toEqual([true, true, true, false]);
  expect(limit.take(99)).toBe(false);
  expect(limit.take(100)).toBe(true);
  expect(limit.take(100)).toBe(false);
});

it('fills no further than the burst, and never backwards', () => {
  const limit = new RateLimit(10, 2, 1000);
  expect([9000, 9000, 9000].map((now) => limit.take(now))).toEqual([true, true, false]);
  expect(limit.take(0)).toBe(false);
});
