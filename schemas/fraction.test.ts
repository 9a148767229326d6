// Owns the tests of fractions of a picture.
import { describe, expect, it } from 'vitest';
import { floorOf, fractionText, parseFraction, readFractionText } from './fraction.ts';

describe('readFractionText', () => {
  it.each(['0/1', '1/1', '2/4', '667/1000', '9007199254740991/9007199254740991'])('reads %s', (text) => {
    const fraction = readFractionText(text);
    expect(fraction === undefined ? undefined : fractionText(fraction)).toBe(text);
  });

  it.each([
    '',
    '0',
    '1',
    '0.5',
    '1/0',
    '-1/2',
    '1/-2',
    ' 1/2',
    '1/2 ',
    '1/2/3',
    '9007199254740992/1',
    '1e1/2',
  ])('refuses %j', (text) => {
    expect(readFractionText(text)).toBeUndefined();
  });
});

describe('floorOf', () => {
  it.each([
    [640, 1, 3, 213],
    [640, 2, 3, 426],
    [0, 1, 1, 0],
    [1280, 0, 7, 0],
    [16384, 9007199254740990, 9007199254740991, 16383],
  ])('%i × %i/%i is %i', (length, numerator, denominator, expected) => {
    expect(floorOf(length, { numerator, denominator })).toBe(expected);
  });
});

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
