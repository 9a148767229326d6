// Owns how long to wait before a program that died is started again: at once, unless it dies in a loop.

const windowMs = 10_000;
const free = 30;
const longestMs = 5_000;

/**
 * Milliseconds to wait before the next start, from the times of the deaths so far (oldest first, `now` among them). The
 * first 30 deaths within ten seconds cost nothing, then 250 ms doubling to five seconds.
 */
export function restartDelay(deaths: readonly number[], now: number): number {
  const recent = deaths.filter((at) => now - at < windowMs).length;
  return recent <= free ? 0 : Math.min(longestMs, 250 * 2 ** (recent - free - 1));
}
