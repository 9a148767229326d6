// Owns what other threads and processes need to have the worker's steady clock.

/** The steady clock, ms since 1970, minus `hrtime` in ms, which is the same in all processes of the machine. */
export function clockOffsetMs(): number {
  const [seconds, nanoseconds] = process.hrtime();
  return performance.timeOrigin + performance.now() - (seconds * 1000 + nanoseconds / 1e6);
}
