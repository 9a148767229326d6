// Owns how long a thread could have run but had no core, as Linux tells it.
import { readFileSync } from 'node:fs';

/** The second number of schedstat: nanoseconds spent waiting for a core. In ms; 0 where it is not told. `task`: its folder in /proc. */
export function runQueueMs(task: string): number {
  try {
    return Number(readFileSync(`${task}/schedstat`, 'latin1').split(' ')[1]) / 1e6 || 0;
  } catch {
    return 0;
  }
}
