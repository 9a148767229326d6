// Owns real time on Node. `after(0)` is the end of this turn of the event loop (setImmediate), not a timer of 1 ms: what
// is sent once a tick hangs on it.
import type { Clock } from '../../clock.ts';

export const nodeClock: Clock = {
  now: () => Date.now(),
  after(ms, callback) {
    if (ms <= 0) {
      const immediate = setImmediate(callback);
      return () => {
        clearImmediate(immediate);
      };
    }
    const timer = setTimeout(callback, ms);
    return () => {
      clearTimeout(timer);
    };
  },
  every(ms, callback) {
    const timer = setInterval(callback, ms);
    return () => {
      clearInterval(timer);
    };
  },
};
