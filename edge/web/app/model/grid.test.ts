import { describe, expect, it } from 'vitest';
import { fitGrid } from './grid.ts';

const areas = [
  { name: 'desktop', width: 1252, height: 660 },
  { name: 'phone', width: 374, height: 700 },
  { name: 'phone on its side', width: 760, height: 370 },
];

describe('fitGrid', () => {
  it.each(areas)('fits 1 to 16 tiles into a $name, neither too wide nor too tall', ({ width, height }) => {
    for (let count = 1; count <= 16; count++) {
      const tile = fitGrid(count, width, height, 10);
      const rows = Math.ceil(count / tile.columns);
      expect(tile.columns * tile.width + (tile.columns - 1) * 10).toBeLessThanOrEqual(width);
      expect(rows * tile.height + (rows - 1) * 10).toBeLessThanOrEqual(height);
      expect(tile.width / tile.height).toBeGreaterThan(height > width ? 0.55 : 0.79);
      expect(tile.width / tile.height).toBeLessThan(1.8);
      expect((count * tile.width * tile.height) / (width * height)).toBeGreaterThan(0.4);
    }
  });

  it.each([
    { count: 4, width: 1252, height: 660, columns: 2 },
    { count: 9, width: 1252, height: 660, columns: 3 },
    { count: 2, width: 374, height: 700, columns: 1 },
    { count: 5, width: 900, height: 660, columns: 2 },
    { count: 4, width: 374, height: 700, columns: 2 },
    { count: 6, width: 374, height: 700, columns: 2 },
  ])('puts $count tiles into $columns columns of $width by $height', ({ count, width, height, columns }) => {
    expect(fitGrid(count, width, height, 10).columns).toBe(columns);
  });

  it('gives nothing where there is no room', () => {
    expect(fitGrid(3, 0, 0, 10)).toMatchObject({ width: 0, height: 0 });
  });
});
