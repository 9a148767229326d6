// Owns how long to wait before trying again. Pure.

export interface BackOff {
  readonly firstMs: number;
  readonly maxMs: number;
}

/**
 * Milliseconds to wait before attempt `attempt` (0 = the first retry): doubling from `firstMs` to `maxMs`, of which the
 * upper half is chance, so that many clients of one lost server do not come back in the same instant. `chance` is 0 to
 * below 1.
 */
export function backOffMs({ firstMs, maxMs }: BackOff, attempt: number, chance: number): number {
  const full = Math.min(maxMs, firstMs * 2 ** Math.min(attempt, 30));
  return full / 2 + (full / 2) * chance;
}
