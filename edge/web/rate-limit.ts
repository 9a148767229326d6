// Owns a limit on how often something may happen: so many times in a window, all callers together.
import type { Clock } from '../clock.ts';

/** Counts a use and says whether it is still within `limit` per `windowMs`. */
export function createRateLimit(clock: Clock, limit: number, windowMs: number): () => boolean {
  let windowStart = clock.now();
  let used = 0;
  return () => {
    const now = clock.now();
    if (now - windowStart >= windowMs || now < windowStart) {
      windowStart = now;
      used = 0;
    }
    used += 1;
    return used <= limit;
  };
}
