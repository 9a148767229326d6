import { expect, it } from 'vitest';
import { plain } from './extended-json.ts';

it.each([
  [{ $oid: '65f0c0ffee00000000000001' }, '65f0c0ffee00000000000001'],
  [{ $numberInt: '-1' }, -1],
  [{ $numberLong: '9007199254740991' }, 9007199254740991],
  [{ $numberDouble: '0.8' }, 0.8],
  [{ $date: '2020-01-01T00:00:00Z' }, '2020-01-01T00:00:00Z'],
  [{ $date: { $numberLong: '1577836800000' } }, '2020-01-01T00:00:00.000Z'],
  [{ $date: { $numberLong: '9e99' } }, 9e99],
  [{ $undefined: true }, null],
  [
    { a: [{ b: { $numberInt: '3' } }, null], $c: 1 },
    { a: [{ b: 3 }, null], $c: 1 },
  ],
  ['$oid', '$oid'],
  [7, 7],
])('%j is %j', (extended, expected) => {
  expect(plain(extended)).toEqual(expected);
});

it('refuses what is nested without end', () => {
  let deep: unknown = 1;
  for (let i = 0; i < 10_000; i++) deep = [deep];
  expect(() => plain(deep)).toThrow(RangeError);
});
