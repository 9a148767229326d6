import { describe, expect, it } from 'vitest';
import { parseFraction } from './layout-fraction.ts';

describe('parseFraction', () => {
  it.each([
    ['0', 0, 1],
    ['1', 1, 1],
    ['0/1', 0, 1],
    ['1/3', 1, 3],
    ['2/4', 2, 4],
    ['0.5', 5, 10],
    ['1.', 1, 1],
    ['0.(3)', 3, 9],
    ['0.1(6)', 15, 90],
  ])('reads %s', (text, numerator, denominator) => {
    expect(parseFraction(text)).toEqual({ numerator, denominator });
  });

  it.each([
    '',
    'abc',
    '1/0',
    '-1/2',
    '1/-2',
    '.5',
    '1e-3',
    '0.()',
    '1/2/3',
    ' 1',
    '9'.repeat(17),
    `0.${'3'.repeat(20)}`,
  ])('refuses %j', (text) => {
    expect(parseFraction(text)).toBeUndefined();
  });
});
