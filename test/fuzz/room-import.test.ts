import { describe, it } from 'vitest';
import { roomImportTarget } from './room-import.ts';
import { seeded } from './seeded.ts';

describe('hostile files and rooms of an OWT server', () => {
  it.each([1, 2, 3, 4])('break nothing (seed %i)', async (seed) => {
    await roomImportTarget.run(seeded(seed), 300);
  });
});
