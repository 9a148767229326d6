import { expect, it } from 'vitest';
import { Beginning, type Arriving } from './beginning.ts';

const inputs = (...all: readonly Arriving['arrival'][]): readonly Arriving[] =>
  all.map((arrival) => ({ arrival }));

it.each([
  ['for nothing', inputs(), 0],
  ['for nothing more', inputs('there', 'there'), 0],
  ['for the latest of each input', inputs('there', 'behind'), 150],
  ['for who may not have begun to send', inputs('absent', 'behind'), 200],
  ['for who is being decoded', inputs('absent', 'decoding', 'there'), 300],
])('the first picture waits %s, and not for ever', (_, all, untilMs) => {
  const beginning = new Beginning();
  for (let nowMs = 0; nowMs < untilMs; nowMs += 50) expect(beginning.waits(all, 1000 + nowMs)).toBe(true);
  expect(beginning.waits(all, 1000 + untilMs)).toBe(false);
});

it('only the first picture waits', () => {
  const beginning = new Beginning();
  expect(beginning.waits(inputs('decoding'), 0)).toBe(true);
  expect(beginning.waits(inputs('there'), 20)).toBe(false);
  expect(beginning.waits(inputs('decoding'), 40)).toBe(false);
});
