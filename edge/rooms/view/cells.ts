// Owns squares on an N×N grid as regions: what every built-in template is made of. Rationals are not reduced.
import type { Region } from '../../../schemas/stream.ts';

/** A square `size` cells wide with its top left corner `left` and `top` cells from that of the picture. */
export interface Square {
  readonly left: number;
  readonly top: number;
  readonly size: number;
}

/** The squares as regions with ids "1", "2" and on, on a grid of `n` by `n` cells. */
export function onGrid(n: number, squares: readonly Square[]): readonly Region[] {
  return squares.map(({ left, top, size }, index) => ({
    id: String(index + 1),
    shape: 'rectangle',
    area: {
      left: `${left}/${n}`,
      top: `${top}/${n}`,
      width: `${size}/${n}`,
      height: `${size}/${n}`,
    },
  }));
}
