import { describe, expect, it } from 'vitest';
import { exchange, placeAt } from './move.ts';
import { placesOf, waitingFor } from './place.ts';
import { mixedWith } from './scripted-cast.ts';

describe('exchange', () => {
  const { mixed, cast } = mixedWith(['ana-1', 'bo-1', 'me-1', undefined], { inViews: ['bo-2'] });
  const places = placesOf(mixed, cast);
  const move = (stream: string, to: number) => {
    const known = [...places.flatMap(({ figure }) => figure ?? []), ...waitingFor(mixed, cast)];
    const figure = known.find((each) => each.stream === stream);
    const place = places[to];
    if (figure === undefined || place === undefined) throw new Error('not there');
    return exchange(places, figure, place);
  };

  it.each([
    ['us to another', 'me-1', 0, { by: 'control', stream: 'me-1', region: '1' }],
    ['another to us', 'ana-1', 2, { by: 'control', stream: 'me-1', region: '1' }],
    ['two others', 'ana-1', 1, { by: 'server', stream: 'ana-1', index: 1 }],
    ['who waits', 'bo-2', 1, { by: 'server', stream: 'bo-2', index: 1 }],
    ['who waits, to us', 'bo-2', 2, { by: 'server', stream: 'bo-2', index: 2 }],
  ])('moves %s', (_case, stream, to, expected) => {
    expect(move(stream, to)).toEqual(expected);
  });

  it.each([
    ['to a free place', 'me-1', 3],
    ['to where one is', 'ana-1', 0],
  ])('does nothing %s', (_case, stream, to) => {
    expect(move(stream, to)).toBeUndefined();
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
