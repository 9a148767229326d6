import { describe, it } from 'vitest';
import { depacketizersTarget } from './depacketizers.ts';
import { seeded } from './seeded.ts';

describe('hostile input for depacketizers and jitter buffers', () => {
  it.each([1, 2, 3, 4])('breaks nothing (seed %i)', async (seed) => {
    await depacketizersTarget.run(seeded(seed), 500);
  });
});
