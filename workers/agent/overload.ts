// Owns telling from the event loop's delay whether the process is overloaded. Everything a media worker does is late by
// that delay, and the addon's queue grows without bound behind it.
import { monitorEventLoopDelay } from 'node:perf_hooks';

const resolutionMs = 10;
const overloadedMs = 100;
const recoveredMs = 40;
/** Looks in a row before the verdict changes: one slow garbage collection is no overload. */
const patience = 3;

/** The verdict over a series of delays, each the 90th percentile of one look. */
export class OverloadJudge {
  overloaded = false;
  #against = 0;

  judge(delayMs: number): boolean {
    const differs = this.overloaded ? delayMs < recoveredMs : delayMs > overloadedMs;
    this.#against = differs ? this.#against + 1 : 0;
    if (this.#against >= patience) {
      this.overloaded = !this.overloaded;
      this.#against = 0;
    }
    return this.overloaded;
  }
}

export interface LoopDelay {
  /** The 90th percentile since the last call, in milliseconds. */
  take(): number;
  close(): void;
}

export function watchLoopDelay(): LoopDelay {
  const histogram = monitorEventLoopDelay({ resolution: resolutionMs });
  histogram.enable();
  return {
    take: () => {
      const delayMs = Math.max(0, histogram.percentile(90) / 1e6 - resolutionMs);
      histogram.reset();
      return delayMs;
    },
    close: () => {
      histogram.disable();
    },
  };
}
