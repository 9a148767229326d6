import { expect, it } from 'vitest';
import { isPlainData } from './plain-data.ts';

const nested = (depth: number): unknown => (depth === 0 ? 1 : { a: nested(depth - 1) });

it.each<[unknown, boolean]>([
  [undefined, true],
  [null, true],
  ['text', true],
  [{ a: [1, 'b', null, { c: true }] }, true],
  [nested(20), true],
  [nested(40), false],
  [new Uint8Array(3), false],
  [{ attributes: { picture: Buffer.from('x') } }, false],
  [() => 1, false],
  [[1n], false],
  [Array.from({ length: 20_000 }, () => 0), false],
])('%#: plain is %s', (value, plain) => {
  expect(isPlainData(value)).toBe(plain);
});

it('survives depth that would overflow a recursion', () => {
  let deep: unknown = [];
  for (let depth = 0; depth < 100_000; depth++) deep = [deep];
  expect(isPlainData(deep)).toBe(false);
});
