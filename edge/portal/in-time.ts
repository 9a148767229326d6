// Owns the bound within which every request is answered, whatever it waits for.
import { SluiceError } from '../../schemas/error.ts';
import type { Clock } from '../clock.ts';

export interface TimeBound {
  readonly clock: Clock;
  readonly timeoutMs: number;
  /** Who is waited for and what it is to do: `<node>.<method>`. */
  readonly what: string;
  /** Called when it succeeds after all, and too late. Must not throw. */
  readonly late?: () => void;
}

/** The outcome of `work`; rejects with SluiceError `unavailable` (portal-protocol §10) when it takes longer. */
export function inTime<T>(work: Promise<T>, { clock, timeoutMs, what, late }: TimeBound): Promise<T> {
  return new Promise((resolve, reject) => {
    let isLate = false;
    const cancel = clock.after(timeoutMs, () => {
      isLate = true;
      reject(new SluiceError('unavailable', `Timeout to make rpc to ${what}`));
    });
    work.then(
      (value) => {
        cancel();
        if (isLate) late?.();
        else resolve(value);
      },
      (error: unknown) => {
        cancel();
        reject(error instanceof Error ? error : new SluiceError('internal', 'Internal error', error));
      },
    );
  });
}
