import { describe, expect, it } from 'vitest';
import { isMixedIn, mixedStream, outsideOf, placesOf, waitingFor } from './place.ts';
import { castOf, mixedWith } from './scripted-cast.ts';

const names = (layout: readonly (string | undefined)[]) => {
  const { mixed, cast } = mixedWith(layout);
  return placesOf(mixed, cast).map(({ region, figure }) => `${region}:${figure?.name ?? ''}`);
};

describe('placesOf', () => {
  it('says who is in which place, and which are free', () => {
    expect(names(['ana-1', 'bo-1', 'me-1', undefined])).toEqual(['1:Ana', '2:Bo', '3:Me', '4:']);
  });

  it('gives areas as shares of the picture', () => {
    const { mixed, cast } = mixedWith(['ana-1', 'bo-1', 'me-1', undefined]);
    expect(placesOf(mixed, cast)[3]?.area).toEqual({ left: 0.5, top: 0.5, width: 0.5, height: 0.5 });
  });

  it('takes an area that is no fraction for nothing', () => {
    const { mixed, cast } = mixedWith(['ana-1']);
    const [entry] = mixed.info.layout;
    if (entry === undefined) throw new Error('no entry');
    const area = { left: '1/0', top: 'x', width: '5/1', height: '-1/2' };
    const odd = {
      ...mixed,
      info: { ...mixed.info, layout: [{ ...entry, region: { ...entry.region, area } }] },
    };
    expect(placesOf(odd, cast)[0]?.area).toEqual({ left: 0, top: 0, width: 1, height: 0 });
  });

  it('marks ourselves, the speaker, shared screens and what is muted', () => {
    const { mixed, cast } = mixedWith(['me-1', 'ana-1', 'bo-2', 'bo-1'], {
      speaker: 'ana-1',
      muted: ['bo-1'],
    });
    const figures = placesOf(mixed, cast).map(({ figure }) => figure);
    expect(figures.map((figure) => figure?.mine)).toEqual([true, false, false, false]);
    expect(figures.map((figure) => figure?.speaks)).toEqual([false, true, false, false]);
    expect(figures.map((figure) => figure?.purpose)).toEqual(['camera', 'camera', 'screen', 'camera']);
    expect(figures.map((figure) => figure?.audio)).toEqual(['on', 'on', 'none', 'muted']);
  });

  it('names who is gone already, or belongs to nobody, a live stream', () => {
    expect(names(['gone'])).toEqual(['1:Live stream']);
  });
});

describe('waitingFor', () => {
  it('lists who is mixed without a place', () => {
    const { mixed, cast } = mixedWith(['ana-1'], { inViews: ['ana-1', 'bo-1'] });
    expect(waitingFor(mixed, cast).map(({ name }) => name)).toEqual(['Bo']);
  });
});

describe('outsideOf', () => {
  it('lists what of the others is not mixed, and never our own', () => {
    const { mixed, cast } = mixedWith(['ana-1'], { inViews: ['bo-1'] });
    expect(outsideOf(mixed, cast).map(({ stream }) => stream)).toEqual(['bo-2']);
    expect(outsideOf(mixed, { ...cast, me: 'bo' }).map(({ stream }) => stream)).toEqual(['me-1']);
  });
});

it('tells a mixed stream from one that is not', () => {
  const { mixed, cast } = mixedWith(['ana-1'], { inViews: ['bo-1'] });
  const mixedOnes = [...cast.streams.values()].filter(
    (stream) => stream.type === 'forward' && isMixedIn(mixed, stream),
  );
  expect(mixedOnes.map(({ id }) => id)).toEqual(['ana-1', 'bo-1']);
});

it('finds the view by its label', () => {
  const { mixed } = mixedWith([]);
  expect(mixedStream([...castOf().streams.values(), mixed], 'common')).toBe(mixed);
  expect(mixedStream([mixed], 'other')).toBeUndefined();
});
