// Owns the figures that a process has of itself: processor, memory, and how late its timers are.
import type { Unsubscribe } from '../../../schemas/bus.ts';
import type { Clock } from '../../clock.ts';
import { type Metrics, reading } from '../../metrics/metrics.ts';
import { processFamilies } from '../../metrics/process-families.ts';

const timerMs = 100;

/** Shows them until the result is called. `kind` is what the process is, such as `edge`. */
export function showProcess(metrics: Metrics, clock: Clock, kind: string): Unsubscribe {
  const startedAt = (Date.now() - process.uptime() * 1000) / 1000;
  const stopReading = metrics.read(() => {
    const { user, system } = process.cpuUsage();
    const { rss, heapUsed } = process.memoryUsage();
    return [
      reading(processFamilies.info, { process: kind, runtime: runtime() }, 1),
      reading(processFamilies.started, {}, startedAt),
      reading(processFamilies.cpu, { mode: 'user' }, user / 1e6),
      reading(processFamilies.cpu, { mode: 'system' }, system / 1e6),
      reading(processFamilies.memory, {}, rss),
      reading(processFamilies.heap, {}, heapUsed),
    ];
  });
  let dueAt = performance.now() + timerMs;
  const stopTimer = clock.every(timerMs, () => {
    const now = performance.now();
    metrics.observe(processFamilies.loopDelay, {}, Math.max(0, now - dueAt) / 1000);
    dueAt = now + timerMs;
  });
  return () => {
    stopReading();
    stopTimer();
  };
}

function runtime(): string {
  const { deno, node } = process.versions;
  return deno === undefined ? `node ${node}` : `deno ${deno}`;
}
