// Owns how full an edge is: all its clients share one thread. How busy other programs keep the processors shows there too,
// as far as it matters to them (spec cluster §3 measures the machine instead: there, whoever compiles something beside an
// edge keeps people out of their meeting).
import { performance } from 'node:perf_hooks';

/** Over less than this it says nothing. */
const leastMs = 100;

/** Gives 0..1 since it was last asked: the share of its time that the event loop was not idle; undefined at once after. */
export function watchEdgeLoad(): () => number | undefined {
  return process.versions.deno === undefined ? watchLoop() : watchProcessor();
}

function watchLoop(): () => number | undefined {
  let before = performance.eventLoopUtilization();
  return () => {
    const { utilization, active, idle } = performance.eventLoopUtilization(before);
    if (active + idle < leastMs) return undefined;
    before = performance.eventLoopUtilization();
    return utilization;
  };
}

/** Deno does not measure its event loop; the processor time of the process comes close. */
function watchProcessor(): () => number | undefined {
  let before = process.cpuUsage();
  let askedAt = performance.now();
  return () => {
    const passedMs = performance.now() - askedAt;
    if (passedMs < leastMs) return undefined;
    const { user, system } = process.cpuUsage(before);
    before = process.cpuUsage();
    askedAt = performance.now();
    return Math.min(1, (user + system) / 1000 / passedMs);
  };
}
