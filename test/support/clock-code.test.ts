import { expect, it } from 'vitest';
import { ageOf, clockPeriodMs, decodeClock, encodeClock } from './clock-code.ts';

it.each([0, 1, 255, 256, 40_000, clockPeriodMs - 1])('%i ms are read as they were written', (ms) => {
  expect(decodeClock(encodeClock(ms))).toBe(ms);
});

it('shows a time of day within the period', () => {
  expect(decodeClock(encodeClock(1_700_000_000_123.9))).toBe(1_700_000_000_123 % clockPeriodMs);
});

it('one or two wrong cells are never taken for a time', () => {
  for (const ms of [0, 77, 12_345, 65_535]) {
    const cells = encodeClock(ms);
    for (let first = 0; first < cells.length; first++) {
      for (let second = first; second < cells.length; second++) {
        const wrong = cells.map((cell, index) => (index === first || index === second ? !cell : cell));
        expect(decodeClock(wrong)).toBeUndefined();
      }
    }
  }
});

it.each([true, false])('cells that are all %s are no time', (cell) => {
  expect(decodeClock(Array.from({ length: 24 }, () => cell))).toBeUndefined();
});

it.each([
  [100, 180, 80],
  [clockPeriodMs - 20, clockPeriodMs + 30, 50],
  [5, 1_000 * clockPeriodMs + 9, 4],
])('a clock at %i is seen at %i ms %i ms later', (time, nowMs, age) => {
  expect(ageOf(time, nowMs)).toBe(age);
});
