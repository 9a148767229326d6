import { describe, it } from 'vitest';
import { seeded } from './seeded.ts';
import { crowdFuzz } from './signaling-crowd.ts';
import { owtFuzz, signalFuzz } from './signaling.ts';

describe.each([signalFuzz, owtFuzz, crowdFuzz])('hostile messages for $name', (target) => {
  it.each([1, 2, 3])('break nothing (seed %i)', async (seed) => {
    await target.run(seeded(seed), 300);
  });
});
