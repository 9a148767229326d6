// Owns how many columns a number of tiles gets. Pure arithmetic in CSS pixels.

export interface Grid {
  readonly columns: number;
  readonly width: number;
  readonly height: number;
}

const widest = 16 / 9;

/**
 * The size that makes `count` equal tiles show the most in an area. A tile is never wider than 16:9; in an area that is
 * wider than tall never taller than 4:5, and what a camera's picture loses at its sides counts against tall ones.
 * Sizes are whole pixels and always fit.
 */
export function fitGrid(count: number, areaWidth: number, areaHeight: number, gap: number): Grid {
  const upright = areaHeight > areaWidth;
  const tallest = upright ? 9 / 16 : 4 / 5;
  let best: Grid = { columns: 1, width: 0, height: 0 };
  let most = 0;
  for (let columns = 1; columns <= Math.max(1, count); columns++) {
    const rows = Math.ceil(count / columns);
    let width = (areaWidth - gap * (columns - 1)) / columns;
    let height = (areaHeight - gap * (rows - 1)) / rows;
    if (width <= 0 || height <= 0) continue;
    if (width > height * widest) width = height * widest;
    else if (width < height * tallest) height = width / tallest;
    const shown = width * height * (upright ? 1 : Math.sqrt(width / height));
    if (shown <= most) continue;
    most = shown;
    best = { columns, width: Math.floor(width), height: Math.floor(height) };
  }
  return best;
}
