import { describe, expect, it } from 'vitest';
import { exchange, placeAt } from './move.ts';
import { placesOf } from './place.ts';
import { mixedWith } from './scripted-cast.ts';

describe('exchange', () => {
  const { mixed, cast } = mixedWith(['ana-1', 'bo-1', 'me-1', undefined]);
  const places = placesOf(mixed, cast);
  const move = (from: number, to: number) => {
    const [a, b] = [places[from], places[to]];
    return a === undefined || b === undefined ? undefined : exchange(a, b);
  };

  it.each([
    ['us to another', 2, 0, { by: 'control', stream: 'me-1', region: '1' }],
    ['another to us', 0, 2, { by: 'control', stream: 'me-1', region: '1' }],
    ['two others', 0, 1, { by: 'server', stream: 'ana-1', index: 1 }],
  ])('moves %s', (_case, from, to, expected) => {
    expect(move(from, to)).toEqual(expected);
  });

  it.each([
    ['to a free place', 0, 3],
    ['from a free place', 3, 0],
    ['to where one is', 1, 1],
  ])('does nothing %s', (_case, from, to) => {
    expect(move(from, to)).toBeUndefined();
  });
});

describe('placeAt', () => {
  const { mixed, cast } = mixedWith(['ana-1', 'bo-1', 'me-1', undefined]);
  const places = placesOf(mixed, cast);
  it.each([
    [0.2, 0.2, '1'],
    [0.5, 0.2, '2'],
    [0.2, 0.5, '3'],
    [0.99, 0.99, '4'],
    [1, 0.5, undefined],
    [-0.1, 0.5, undefined],
  ])('finds at %f, %f the place %s', (x, y, region) => {
    expect(placeAt(places, x, y)?.region).toBe(region);
  });

  it('finds what was drawn last where places overlap', () => {
    const [first, second] = places;
    if (first === undefined || second === undefined) throw new Error('no places');
    const whole = { ...first, area: { left: 0, top: 0, width: 1, height: 1 } };
    expect(placeAt([whole, second], 0.7, 0.2)).toBe(second);
    expect(placeAt([whole, second], 0.2, 0.2)).toBe(whole);
  });
});
