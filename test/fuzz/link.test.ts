import { describe, it } from 'vitest';
import { linkTarget } from './link.ts';
import { seeded } from './seeded.ts';

describe('hostile input for links', () => {
  it.each([1, 2, 3, 4])('breaks nothing (seed %i)', async (seed) => {
    await linkTarget.run(seeded(seed), 500);
  });
});
