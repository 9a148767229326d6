// Owns the proof of the arithmetic of growth.
import { expect, it } from 'vitest';
import { slope } from './slope.ts';

it.each([
  ['flat', [5, 5, 5], 0],
  ['growing', [1, 3, 5], 2],
  ['shrinking', [4, 3.5, 3], -0.5],
  ['noise around flat', [1, 2, 2, 1], 0],
  ['one sample', [7], 0],
])('%s', (_name, values, expected) => {
  expect(slope(values.map((y, x) => ({ x, y })))).toBeCloseTo(expected);
});
