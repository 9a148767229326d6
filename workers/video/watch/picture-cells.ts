// Owns whether two small pictures show the same, as far as can be told of pictures that were scaled, encoded and stretched
// differently: means of colour in the cells of a grid. Pure.

/** Full-range RGB, rows without gaps. */
export interface Sample {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;
}

/** A part of a picture, in shares of its sides. */
export interface Share {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export interface Comparison {
  /** Cells to a side. */
  readonly cells: number;
  /** Steps of 255 in any of the three colours. */
  readonly tolerance: number;
  /** Cells of the first picture that say nothing. */
  readonly isHidden?: (cell: Share) => boolean;
}

export const whole: Share = { x: 0, y: 0, width: 1, height: 1 };

/** Of all cells that can be compared. One alone is never enough. */
const otherShare = 1 / 8;
/** The edge of a part bleeds into what lies beside it. */
const edge = 0.06;
const fewestPixels = 4;

/** Whether the parts show something else; undefined when too little of them can be compared. */
export function isOther(
  [one, oneShare]: readonly [Sample, Share],
  [other, otherShareOf]: readonly [Sample, Share],
  { cells, tolerance, isHidden = () => false }: Comparison,
): boolean | undefined {
  let compared = 0;
  let different = 0;
  for (let index = 0; index < cells * cells; index++) {
    const cell = cellOf(index, cells);
    const mine = within(oneShare, cell);
    if (isHidden(mine)) continue;
    const [a, b] = [meanOf(one, mine), meanOf(other, within(otherShareOf, cell))];
    if (a === undefined || b === undefined) continue;
    compared++;
    if (a.some((value, at) => Math.abs(value - (b[at] ?? value)) > tolerance)) different++;
  }
  if (compared < 2) return undefined;
  return different >= Math.max(2, compared * otherShare);
}

function cellOf(index: number, cells: number): Share {
  const side = (1 - 2 * edge) / cells;
  const [column, row] = [index % cells, Math.floor(index / cells)];
  return { x: edge + column * side, y: edge + row * side, width: side, height: side };
}

function within(outer: Share, inner: Share): Share {
  return {
    x: outer.x + inner.x * outer.width,
    y: outer.y + inner.y * outer.height,
    width: inner.width * outer.width,
    height: inner.height * outer.height,
  };
}

/** Of the pixels whose middle lies in the part. */
function meanOf({ width, height, data }: Sample, part: Share): readonly number[] | undefined {
  const [left, right] = [Math.ceil(part.x * width - 0.5), (part.x + part.width) * width - 0.5];
  const [top, bottom] = [Math.ceil(part.y * height - 0.5), (part.y + part.height) * height - 0.5];
  let [count, red, green, blue] = [0, 0, 0, 0];
  for (let row = Math.max(0, top); row < Math.min(height, bottom); row++) {
    for (let column = Math.max(0, left); column < Math.min(width, right); column++) {
      const at = (row * width + column) * 3;
      red += data[at] ?? 0;
      green += data[at + 1] ?? 0;
      blue += data[at + 2] ?? 0;
      count++;
    }
  }
  return count < fewestPixels ? undefined : [red / count, green / count, blue / count];
}
