// Owns the `lecture` templates: one large square with one or two rings of small ones at its right and bottom
// (room-model §4.2).
import type { Region } from '../../../schemas/stream.ts';
import { onGrid } from './cells.ts';
import type { Square } from './cells.ts';

/** Grids have at most this many cells a side. */
const finest = 7;

/** One and six regions always; more as `maxInput` asks for them, 25 at most. */
export function lectureTemplates(maxInput: number): readonly (readonly Region[])[] {
  const templates = [withRings(1, 0), withRings(3, 1)];
  for (let n = 4; n <= Math.min(finest, Math.ceil(maxInput / 2)); n += 1) templates.push(withRings(n, 1));
  if (maxInput > 14) {
    for (let n = 4; n <= Math.min(finest, Math.ceil((maxInput + 3) / 4)); n += 1) {
      templates.push(withRings(n, 2));
    }
  }
  return templates;
}

function withRings(n: number, rings: 0 | 1 | 2): readonly Region[] {
  const squares: Square[] = [{ left: 0, top: 0, size: n - rings }];
  for (let at = n - rings; at < n; at += 1) squares.push(...ring(at));
  return onGrid(n, squares);
}

/** Down the column `at` cells from the left, then leftwards along the row as far from the top. */
function ring(at: number): Square[] {
  const squares: Square[] = [];
  for (let top = 0; top <= at; top += 1) squares.push({ left: at, top, size: 1 });
  for (let left = at - 1; left >= 0; left -= 1) squares.push({ left, top: at, size: 1 });
  return squares;
}
