// Owns a clock that stands still until it is told to move: for tests of everything that waits. `after(0)` needs no
// moving, it is the end of this turn of the event loop as on the real clock.
import type { Clock } from '../../clock.ts';

export interface ManualClock extends Clock {
  /** Moves time forward, calling what falls due in order, and lets promises settle between the calls. */
  advance(ms: number): Promise<void>;
}

interface Timer {
  at: number;
  readonly every?: number;
  readonly callback: () => void;
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** A clock that begins at `start` milliseconds since 1970. */
export function createManualClock(start = 1_700_000_000_000): ManualClock {
  let now = start;
  const timers = new Set<Timer>();

  function add(timer: Timer) {
    timers.add(timer);
    return () => {
      timers.delete(timer);
    };
  }
  function nextBefore(limit: number): Timer | undefined {
    let best: Timer | undefined;
    for (const timer of timers) if (timer.at <= limit && (!best || timer.at < best.at)) best = timer;
    return best;
  }

  return {
    now: () => now,
    after(ms, callback) {
      if (ms > 0) return add({ at: now + ms, callback });
      const immediate = setImmediate(callback);
      return () => {
        clearImmediate(immediate);
      };
    },
    every: (ms, callback) => add({ at: now + ms, every: ms, callback }),
    async advance(ms) {
      const target = now + ms;
      await turn();
      for (let timer = nextBefore(target); timer; timer = nextBefore(target)) {
        now = Math.max(now, timer.at);
        if (timer.every === undefined) timers.delete(timer);
        else timer.at += timer.every;
        timer.callback();
        await turn();
      }
      now = target;
      await turn();
    },
  };
}
