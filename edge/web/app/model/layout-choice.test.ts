import { describe, expect, it } from 'vitest';
import { chosenLayout, layoutChoices, layoutRequest } from './layout-choice.ts';
import { rectangleOf } from './place.ts';
import { mixedWith } from './scripted-cast.ts';

const counts = Array.from({ length: 27 }, (_, index) => index);
const everyChoice = counts.flatMap((count) => layoutChoices(count).map((choice) => ({ count, ...choice })));

describe('layoutChoices', () => {
  it('has its places inside the picture', () => {
    for (const { key, count, regions } of everyChoice) {
      const what = `${key} for ${count}`;
      for (const region of regions) {
        const { left, top, width, height } = rectangleOf(region);
        expect(Math.min(width, height), what).toBeGreaterThan(0);
        expect(Math.max(left + width, top + height), what).toBeLessThanOrEqual(1 + 1e-9);
        // The server takes `a/b` with a ≤ b only.
        expect(
          Object.values(region.area).every((text) => /^\d+\/[1-9]\d*$/.test(text)),
          what,
        ).toBe(true);
      }
      expect(new Set(regions.map(({ id }) => id)).size, what).toBe(regions.length);
    }
  });

  it('has a place for everybody, but with `single`', () => {
    for (const { key, count, regions } of everyChoice)
      if (key === 'single') expect(regions.length).toBe(1);
      else expect(regions.length, `${key} for ${count}`).toBeGreaterThanOrEqual(Math.min(count, 25));
  });

  it('has no two places overlap, but with `inset`', () => {
    for (const { key, count, regions } of everyChoice.filter((choice) => choice.key !== 'inset')) {
      const areas = regions.map(rectangleOf);
      for (const [index, a] of areas.entries())
        for (const b of areas.slice(index + 1)) {
          const wide = Math.min(a.left + a.width, b.left + b.width) - Math.max(a.left, b.left);
          const high = Math.min(a.top + a.height, b.top + b.height) - Math.max(a.top, b.top);
          expect(Math.min(wide, high), `${key} for ${count}`).toBeLessThan(1e-9);
        }
    }
  });

  it('fills the picture with `rows`', () => {
    for (const { regions } of everyChoice.filter(({ key }) => key === 'rows')) {
      const covered = regions.map(rectangleOf).reduce((sum, { width, height }) => sum + width * height, 0);
      expect(covered).toBeCloseTo(1);
    }
  });

  it.each([
    [1, 'grid'],
    [2, 'grid rows lecture strip inset single'],
    [4, 'grid lecture strip inset single'],
    [7, 'grid rows lecture strip single'],
    [15, 'grid rows single'],
  ])('offers for %i: %s', (count, keys) => {
    expect(
      layoutChoices(count)
        .map(({ key }) => key)
        .join(' '),
    ).toBe(keys);
  });
});

describe('chosenLayout', () => {
  it.each(layoutChoices(3))('knows $key again, whatever the fractions look like', (choice) => {
    const layout = choice.regions.map((region) => {
      const doubled = (text: string) =>
        text
          .split('/')
          .map((part) => Number(part) * 2)
          .join('/');
      const { left, top, width, height } = region.area;
      const area = { left: doubled(left), top: doubled(top), width: doubled(width), height: doubled(height) };
      return { region: { ...region, id: `r${region.id}`, area } };
    });
    expect(chosenLayout(layout, layoutChoices(3))?.key).toBe(choice.key);
  });

  it('knows none in a layout of somebody else', () => {
    const { mixed } = mixedWith(['ana-1', 'bo-1']);
    expect(chosenLayout(mixed.info.layout, layoutChoices(2))).toBeUndefined();
  });
});

describe('layoutRequest', () => {
  const { mixed } = mixedWith(['ana-1', 'bo-1', 'me-1', undefined]);
  const streams = (key: string, first?: string) => {
    const choice = layoutChoices(3).find((each) => each.key === key);
    if (choice === undefined) throw new Error(`no ${key}`);
    return layoutRequest(choice, mixed.info.layout, first).map(({ stream }) => stream);
  };

  it('keeps everybody’s order, free places at the end', () => {
    expect(streams('lecture')).toEqual(['ana-1', 'bo-1', 'me-1', undefined, undefined, undefined]);
  });
  it('names only as many as there are places', () => {
    expect(streams('single')).toEqual(['ana-1']);
  });
  it('puts the wished-for first', () => {
    expect(streams('rows', 'me-1')).toEqual(['me-1', 'ana-1', 'bo-1']);
    expect(streams('rows', 'gone')).toEqual(['ana-1', 'bo-1', 'me-1']);
  });
  it('names nobody twice, who has two pictures', () => {
    const twice = mixedWith(['ana-1', 'ana-1', 'bo-1']).mixed.info.layout;
    const [grid] = layoutChoices(3);
    if (grid === undefined) throw new Error('no grid');
    expect(layoutRequest(grid, twice).map(({ stream }) => stream)).toEqual([
      'ana-1',
      'bo-1',
      undefined,
      undefined,
    ]);
  });
});
