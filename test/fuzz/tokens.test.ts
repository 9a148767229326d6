import { expect, it } from 'vitest';
import { seeded } from './seeded.ts';
import { tokensTarget } from './tokens.ts';

it.each([1, 2, 3])(
  'altered tokens, tickets, boxes and headers are refused or mean the same (seed %i)',
  async (seed) => {
    await expect(tokensTarget.run(seeded(seed), 150)).resolves.toBeUndefined();
  },
);
