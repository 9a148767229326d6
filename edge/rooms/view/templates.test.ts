// Owns the tests of layout templates: the tables of room-model §4 and what must hold for every maxInput.
import { describe, expect, it } from 'vitest';
import { readFractionText } from '../../../schemas/fraction.ts';
import type { RegionSetting } from '../../../schemas/room.ts';
import type { Region } from '../../../schemas/stream.ts';
import { chooseTemplate, viewTemplates } from './templates.ts';
import type { TemplateSettings } from './templates.ts';

function templates(base: TemplateSettings['base'], maxInput: number, ...custom: RegionSetting[][]) {
  return viewTemplates({ base, custom: custom.map((region) => ({ region })) }, maxInput);
}

const counts = (base: TemplateSettings['base'], maxInput: number, ...custom: RegionSetting[][]) =>
  templates(base, maxInput, ...custom).map(({ length }) => length);

function stripes(count: number, name = 'stripe'): RegionSetting[] {
  return Array.from({ length: count }, (_, index) => ({
    id: `${name}${index + 1}`,
    shape: 'rectangle',
    area: { left: '0', top: `${index}/${count}`, width: '1', height: `1/${count}` },
  }));
}

/** `left,top size` for square regions. */
function squares(regions: readonly Region[]): string[] {
  return regions.map(({ area }) => {
    expect(area.height).toBe(area.width);
    return `${area.left},${area.top} ${area.width}`;
  });
}

function value(text: string): number {
  const fraction = readFractionText(text);
  if (fraction === undefined) throw new Error(`not a fraction: ${text}`);
  return fraction.numerator / fraction.denominator;
}

describe('fluid', () => {
  it.each([
    [1, [1]],
    [2, [1, 4]],
    [4, [1, 4]],
    [5, [1, 4, 9]],
    [9, [1, 4, 9]],
    [10, [1, 4, 9, 16]],
    [16, [1, 4, 9, 16]],
    [17, [1, 4, 9, 16, 25]],
    [25, [1, 4, 9, 16, 25]],
    [256, Array.from({ length: 16 }, (_, n) => (n + 1) ** 2)],
  ])('room-model#6 maxInput %i has templates of %j regions', (maxInput, expected) => {
    expect(counts('fluid', maxInput)).toEqual(expected);
  });

  it('room-model#6 the third region of the 9-grid is at the right end of the first row', () => {
    expect(chooseTemplate(templates('fluid', 16), 9)[2]).toEqual({
      id: '3',
      shape: 'rectangle',
      area: { left: '2/3', top: '0/3', width: '1/3', height: '1/3' },
    });
  });

  it('numbers the grid row by row', () => {
    expect(squares(chooseTemplate(templates('fluid', 4), 2))).toEqual([
      '0/2,0/2 1/2',
      '1/2,0/2 1/2',
      '0/2,1/2 1/2',
      '1/2,1/2 1/2',
    ]);
    expect(squares(chooseTemplate(templates('fluid', 4), 1))).toEqual(['0/1,0/1 1/1']);
  });
});

describe('lecture', () => {
  it.each([
    [1, [1, 6]],
    [6, [1, 6]],
    [7, [1, 6, 8]],
    [8, [1, 6, 8]],
    [9, [1, 6, 8, 10]],
    [10, [1, 6, 8, 10]],
    [11, [1, 6, 8, 10, 12]],
    [12, [1, 6, 8, 10, 12]],
    [13, [1, 6, 8, 10, 12, 14]],
    [14, [1, 6, 8, 10, 12, 14]],
    [15, [1, 6, 8, 10, 12, 13, 14, 17]],
    [16, [1, 6, 8, 10, 12, 13, 14, 17]],
    [17, [1, 6, 8, 10, 12, 13, 14, 17]],
    [18, [1, 6, 8, 10, 12, 13, 14, 17, 21]],
    [21, [1, 6, 8, 10, 12, 13, 14, 17, 21]],
    [22, [1, 6, 8, 10, 12, 13, 14, 17, 21, 25]],
    [256, [1, 6, 8, 10, 12, 13, 14, 17, 21, 25]],
  ])('room-model#7 maxInput %i has templates of %j regions', (maxInput, expected) => {
    expect(counts('lecture', maxInput)).toEqual(expected);
  });

  it('room-model#7 thirteen inputs use the double ring of 13', () => {
    expect(squares(chooseTemplate(templates('lecture', 16), 13))).toEqual([
      '0/4,0/4 2/4',
      '2/4,0/4 1/4',
      '2/4,1/4 1/4',
      '2/4,2/4 1/4',
      '1/4,2/4 1/4',
      '0/4,2/4 1/4',
      '3/4,0/4 1/4',
      '3/4,1/4 1/4',
      '3/4,2/4 1/4',
      '3/4,3/4 1/4',
      '2/4,3/4 1/4',
      '1/4,3/4 1/4',
      '0/4,3/4 1/4',
    ]);
  });

  it('room-model#8 maxInput 4: two inputs get six regions', () => {
    expect(squares(chooseTemplate(templates('lecture', 4), 2))).toEqual([
      '0/3,0/3 2/3',
      '2/3,0/3 1/3',
      '2/3,1/3 1/3',
      '2/3,2/3 1/3',
      '1/3,2/3 1/3',
      '0/3,2/3 1/3',
    ]);
  });

  it('has a single ring of eight around three quarters', () => {
    const eight = squares(chooseTemplate(templates('lecture', 8), 8));
    expect(eight[0]).toBe('0/4,0/4 3/4');
    expect(eight.slice(1, 5)).toEqual(['3/4,0/4 1/4', '3/4,1/4 1/4', '3/4,2/4 1/4', '3/4,3/4 1/4']);
    expect(eight.slice(5)).toEqual(['2/4,3/4 1/4', '1/4,3/4 1/4', '0/4,3/4 1/4']);
  });
});

describe('built-in templates', () => {
  // The largest maxInput has every template that a smaller one has.
  it.each(['fluid', 'lecture'] as const)('each of %s covers the picture once', (base) => {
    for (const template of templates(base, 256)) {
      expect(template.map(({ id }) => id)).toEqual(template.map((_, index) => String(index + 1)));
      const area = template.reduce((sum, { area: a }) => sum + value(a.width) * value(a.height), 0);
      expect(area).toBeCloseTo(1, 9);
      expect(new Set(template.map(({ area: a }) => `${a.left} ${a.top}`)).size).toBe(template.length);
      const reach = template.flatMap(({ area: a }) => [
        value(a.left) + value(a.width),
        value(a.top) + value(a.height),
      ]);
      expect(Math.max(...reach)).toBeLessThanOrEqual(1 + 1e-12);
    }
  });
});

describe('custom', () => {
  it('room-model#9 four regions replace the 2×2, five are used for five inputs and six inputs use nine', () => {
    const list = templates('fluid', 16, stripes(4), stripes(5));
    expect(list.map(({ length }) => length)).toEqual([1, 4, 5, 9, 16]);
    expect(chooseTemplate(list, 4)[0]?.id).toBe('stripe1');
    expect(chooseTemplate(list, 2)[0]?.id).toBe('stripe1');
    expect(chooseTemplate(list, 5)[4]?.id).toBe('stripe5');
    expect(chooseTemplate(list, 6)).toHaveLength(9);
  });

  it('wins over the double ring of the same count', () => {
    const list = templates('lecture', 16, stripes(13));
    expect(list.filter(({ length }) => length === 13)).toHaveLength(1);
    expect(chooseTemplate(list, 13)[0]?.id).toBe('stripe1');
  });

  it('of one count, the later wins', () => {
    expect(chooseTemplate(templates('void', 16, stripes(3, 'a'), stripes(3, 'b')), 3)[0]?.id).toBe('b1');
  });

  it('gives areas as n/d, whatever text they were configured with', () => {
    const area = { left: '0', top: '0.5', width: '1', height: '0.1(6)' };
    const [template] = templates('void', 4, [{ id: 'x', shape: 'rectangle', area }]);
    expect(template?.[0]?.area).toEqual({ left: '0/1', top: '5/10', width: '1/1', height: '15/90' });
  });

  it('leaves out a template that cannot be read, and one without regions', () => {
    const broken = stripes(2).map((region) => ({ ...region, area: { ...region.area, width: 'wide' } }));
    expect(counts('fluid', 4, broken, [])).toEqual([1, 4]);
  });
});

describe('chooseTemplate', () => {
  it.each([
    ['fluid', 4, 0, 1],
    ['fluid', 4, 3, 4],
    ['fluid', 4, 5, 4],
    ['lecture', 30, 26, 25],
    ['lecture', 16, 11, 12],
    ['void', 16, 1, 0],
  ] as const)('%s with maxInput %i and %i inputs: %i regions', (base, maxInput, inputs, expected) => {
    expect(chooseTemplate(templates(base, maxInput), inputs)).toHaveLength(expected);
  });

  it('gives no inputs what one would get', () => {
    expect(chooseTemplate(templates('void', 16, stripes(3)), 0)).toHaveLength(3);
  });
});
