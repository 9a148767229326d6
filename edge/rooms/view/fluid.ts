// Owns the `fluid` templates: square grids, filled row by row (room-model §4.1).
import type { Region } from '../../../schemas/stream.ts';
import { onGrid } from './cells.ts';

/** Grids of 1×1 up to the first with a cell for each of `maxInput` inputs. */
export function fluidTemplates(maxInput: number): readonly (readonly Region[])[] {
  const largest = Math.ceil(Math.sqrt(maxInput));
  return Array.from({ length: largest }, (_, index) => grid(index + 1));
}

function grid(n: number): readonly Region[] {
  const squares = Array.from({ length: n * n }, (_, index) => ({
    left: index % n,
    top: Math.floor(index / n),
    size: 1,
  }));
  return onGrid(n, squares);
}
