// Owns how many columns a number of tiles gets. Pure arithmetic in CSS pixels.

export interface Grid {
  readonly columns: number;
  readonly width: number;
  readonly height: number;
}

const widest = 16 / 9;
const tallest = 4 / 5;

/**
 * The size that makes `count` equal tiles cover the most of an area. A tile is never wider than 16:9 nor taller than
 * 4:5, so that faces stay in the picture. Sizes are whole pixels and always fit.
 */
export function fitGrid(count: number, areaWidth: number, areaHeight: number, gap: number): Grid {
  let best: Grid = { columns: 1, width: 0, height: 0 };
  for (let columns = 1; columns <= Math.max(1, count); columns++) {
    const rows = Math.ceil(count / columns);
    let width = (areaWidth - gap * (columns - 1)) / columns;
    let height = (areaHeight - gap * (rows - 1)) / rows;
    if (width <= 0 || height <= 0) continue;
    if (width > height * widest) width = height * widest;
    else if (width < height * tallest) height = width / tallest;
    if (width * height > best.width * best.height)
      best = { columns, width: Math.floor(width), height: Math.floor(height) };
  }
  return best;
}
