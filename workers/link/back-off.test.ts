import { expect, it } from 'vitest';
import { BackOff } from './back-off.ts';

it('waits twice as long each time, within bounds, and little again after a success', () => {
  const backOff = new BackOff(100, 500);
  expect([1, 2, 3, 4, 5].map(() => backOff.take())).toEqual([100, 200, 400, 500, 500]);
  backOff.reset();
  expect(backOff.take()).toBe(100);
});
