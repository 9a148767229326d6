// Owns how full an edge is: the machine's processors, or the one thread that all its clients share.
import { cpus } from 'node:os';
import { performance } from 'node:perf_hooks';

interface Times {
  readonly idle: number;
  readonly total: number;
}

/** Gives 0..1 since it was last asked: the share of all processors' time that was not idle, or of this thread's. */
export function watchEdgeLoad(): () => number | undefined {
  let before = processorTimes();
  let loop = performance.eventLoopUtilization();
  return () => {
    const now = processorTimes();
    const total = now.total - before.total;
    // Processors count in hundredths of a second: asked again at once there is nothing to say.
    if (total <= 0) return undefined;
    const busy = 1 - (now.idle - before.idle) / total;
    const { utilization } = performance.eventLoopUtilization(loop);
    before = now;
    loop = performance.eventLoopUtilization();
    return Math.max(0, busy, utilization);
  };
}

function processorTimes(): Times {
  const all = cpus().map(({ times }) => times);
  const idle = all.reduce((sum, times) => sum + times.idle, 0);
  const total = all.reduce((sum, { user, nice, sys, irq }) => sum + user + nice + sys + irq, idle);
  return { idle, total };
}
