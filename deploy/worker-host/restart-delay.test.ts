// Owns the proof that deaths now and then are free and a crash loop slows down.
import { expect, it } from 'vitest';
import { restartDelay } from './restart-delay.ts';

const every = (ms: number, count: number): number[] => Array.from({ length: count }, (_, i) => i * ms);

it.each([
  ['the first death', [0], 0],
  ['twenty deaths, one a second', every(1000, 20), 0],
  ['thirty deaths in a row', every(100, 30), 0],
  ['thirty-one deaths in a row', every(100, 31), 250],
  ['thirty-four deaths in a row', every(100, 34), 2000],
  ['no end of deaths in a row', every(10, 40), 5000],
])('%s', (_name, deaths, ms) => {
  expect(restartDelay(deaths, deaths.at(-1) ?? 0)).toBe(ms);
});
