// Owns the layouts that the page offers for a number of pictures, and the request that brings one about. Pure; the
// server's own templates are not needed for it (spec room-model §4, §7.6).
import { readFractionText } from '../../../../schemas/fraction.ts';
import type { LayoutEntry, Region } from '../../../../schemas/stream.ts';

export interface LayoutChoice {
  readonly key: 'grid' | 'rows' | 'lecture' | 'strip' | 'inset' | 'single';
  readonly name: string;
  readonly regions: readonly Region[];
}

/** The most pictures that a layout is offered for. */
const mostPictures = 25;

/** At least one layout, the even grid first; each has a place for all of `count` pictures, but `single`. */
export function layoutChoices(count: number): readonly LayoutChoice[] {
  const n = Math.min(Math.max(1, count), mostPictures);
  if (n === 1) return [{ key: 'grid', name: 'Whole picture', regions: grid(1) }];
  const side = Math.ceil(Math.sqrt(n));
  return [
    { key: 'grid', name: 'Grid', regions: grid(side) },
    ...(n === side * side ? [] : [{ key: 'rows', name: 'Filled', regions: rows(n) } as const]),
    ...(n <= 14 ? [{ key: 'lecture', name: 'One large', regions: lecture(n) } as const] : []),
    ...(n <= 9 ? [{ key: 'strip', name: 'Stage', regions: strip(n) } as const] : []),
    ...(n <= 4 ? [{ key: 'inset', name: 'Inset', regions: inset(n) } as const] : []),
    { key: 'single', name: 'Only one', regions: grid(1) },
  ];
}

/** The choice whose regions a layout has, by value: `2/4` is `1/2`. */
export function chosenLayout(
  layout: readonly LayoutEntry[],
  choices: readonly LayoutChoice[],
): LayoutChoice | undefined {
  return choices.find(
    ({ regions }) =>
      regions.length === layout.length &&
      regions.every((region, index) => {
        const present = layout[index]?.region;
        return present !== undefined && sameArea(present, region);
      }),
  );
}

/** The layout to ask for: everybody keeps the order, and `first`, if shown, goes to the first place. */
export function layoutRequest(
  { regions }: LayoutChoice,
  layout: readonly LayoutEntry[],
  first?: string,
): readonly LayoutEntry[] {
  const shown = layout.flatMap(({ stream }) => (stream === undefined ? [] : [stream]));
  const order = [...new Set(first !== undefined && shown.includes(first) ? [first, ...shown] : shown)];
  return regions.map((region, index) => {
    const stream = order[index];
    return stream === undefined ? { region } : { stream, region };
  });
}

interface Cell {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** `cells` are counted in `columns` and `lines` of the picture. */
function regionsOf(columns: number, lines: number, cells: readonly Cell[]): readonly Region[] {
  return cells.map(({ left, top, width, height }, index) => ({
    id: String(index + 1),
    shape: 'rectangle',
    area: {
      left: `${left}/${columns}`,
      top: `${top}/${lines}`,
      width: `${width}/${columns}`,
      height: `${height}/${lines}`,
    },
  }));
}

function grid(side: number): readonly Region[] {
  const cells = Array.from({ length: side * side }, (_, index) => ({
    left: index % side,
    top: Math.floor(index / side),
    width: 1,
    height: 1,
  }));
  return regionsOf(side, side, cells);
}

/** No place is left free: the last row shares its width among fewer. */
function rows(n: number): readonly Region[] {
  const lines = Math.round(Math.sqrt(n));
  const perLine = Math.ceil(n / lines);
  const inLast = n - perLine * (lines - 1);
  const columns = (perLine * inLast) / greatestDivisor(perLine, inLast);
  const cells = Array.from({ length: n }, (_, index) => {
    const line = Math.floor(index / perLine);
    const width = columns / (line === lines - 1 ? inLast : perLine);
    return { left: (index % perLine) * width, top: line, width, height: 1 };
  });
  return regionsOf(columns, lines, cells);
}

function greatestDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestDivisor(b, a % b);
}

/** One large, the others down its right side and back below it: the server's own `lecture`. */
function lecture(n: number): readonly Region[] {
  const side = Math.max(3, Math.ceil(n / 2));
  const large = { left: 0, top: 0, width: side - 1, height: side - 1 };
  const right = Array.from({ length: side }, (_, top) => ({ left: side - 1, top, width: 1, height: 1 }));
  const below = Array.from({ length: side - 1 }, (_, index) => ({
    left: side - 2 - index,
    top: side - 1,
    width: 1,
    height: 1,
  }));
  return regionsOf(side, side, [large, ...right, ...below]);
}

/** One large, the others in one row below it. */
function strip(n: number): readonly Region[] {
  const others = n - 1;
  const perLine = Math.max(4, others);
  // Halves of a cell, so that fewer than fill the row stand in its middle.
  const columns = perLine * 8;
  const large = { left: perLine, top: 0, width: perLine * 6, height: 3 };
  const small = Array.from({ length: others }, (_, index) => ({
    left: (perLine - others) * 4 + index * 8,
    top: 3,
    width: 8,
    height: 1,
  }));
  return regionsOf(columns, 4, [large, ...small]);
}

/** One fills the picture, the others lie over its lower edge. */
function inset(n: number): readonly Region[] {
  const small = Array.from({ length: n - 1 }, (_, index) => ({
    left: 35 - index * 12,
    top: 35,
    width: 11,
    height: 11,
  }));
  return regionsOf(48, 48, [{ left: 0, top: 0, width: 48, height: 48 }, ...small]);
}

function sameArea(a: Region, b: Region): boolean {
  return (['left', 'top', 'width', 'height'] as const).every((side) => sameShare(a.area[side], b.area[side]));
}

function sameShare(a: string, b: string): boolean {
  const [one, other] = [readFractionText(a), readFractionText(b)];
  if (one === undefined || other === undefined) return a === b;
  return one.numerator * other.denominator === other.numerator * one.denominator;
}
