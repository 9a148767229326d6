// Owns knowing how far a Redis is: the least of the latest round trips, since what is more than that is this machine or
// that one being busy. What follows from it is others' business.
import type { Unsubscribe } from '../../../schemas/bus.ts';
import type { Clock } from '../../clock.ts';

export interface RoundTrip {
  /** Milliseconds; undefined before the first answer on the present connection. */
  readonly leastMs: number | undefined;
  readonly close: Unsubscribe;
}

/** So many are kept; after each connecting some come at once, the rest of so many at the first pace. */
const kept = 20;
const atOnce = 5;
const quickEveryMs = 1000;
const slowEveryMs = 5000;

/**
 * Measures until closed. `ping` resolves with its answer and may reject; `connects` counts the connections made: with
 * another one the Redis may be another, and the measuring begins anew.
 */
export function measureRoundTrip(options: {
  readonly ping: () => Promise<unknown>;
  readonly connects: () => number;
  readonly clock: Clock;
  /** Milliseconds with fractions, from any beginning. */
  readonly nowMs: () => number;
}): RoundTrip {
  const { ping, connects, clock, nowMs } = options;
  let connection = connects();
  let samples: number[] = [];
  let taken = 0;
  let cancel: Unsubscribe = () => undefined;
  let closed = false;

  /** What was measured on an earlier connection is forgotten. */
  function renew(): void {
    if (connects() === connection) return;
    connection = connects();
    samples = [];
    taken = 0;
  }

  async function sample(): Promise<void> {
    const on = connects();
    const began = nowMs();
    const answered = await ping().then(
      () => true,
      () => false,
    );
    if (closed) return;
    renew();
    // One that began on an earlier connection, or waited for this one, says nothing.
    if (answered && connects() === on) {
      samples = [...samples, nowMs() - began].slice(-kept);
      taken += 1;
    }
    if (answered && taken < atOnce) void sample();
    else cancel = clock.after(taken < kept ? quickEveryMs : slowEveryMs, () => void sample());
  }

  void sample();
  return {
    get leastMs() {
      renew();
      return samples.length === 0 ? undefined : Math.min(...samples);
    },
    close() {
      closed = true;
      cancel();
    },
  };
}
