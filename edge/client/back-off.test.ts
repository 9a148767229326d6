import { describe, expect, it } from 'vitest';
import { backOffMs } from './back-off.ts';

const backOff = { firstMs: 100, maxMs: 1000 };

describe('backOffMs', () => {
  it.each([
    { attempt: 0, chance: 0, ms: 50 },
    { attempt: 0, chance: 0.5, ms: 75 },
    { attempt: 1, chance: 0, ms: 100 },
    { attempt: 3, chance: 0, ms: 400 },
    { attempt: 4, chance: 0, ms: 500 },
    { attempt: 9999, chance: 0.999, ms: 999.5 },
  ])('waits $ms ms before attempt $attempt at chance $chance', ({ attempt, chance, ms }) => {
    expect(backOffMs(backOff, attempt, chance)).toBeCloseTo(ms);
  });
});
