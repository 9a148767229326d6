// Owns how a server process ends: a signal stops it in order, a second one or too long a wait by force; an error that
// reached nobody stops nothing.
import type { Log } from '../edge/clock.ts';

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP', 'disconnect'] as const;

export interface ProcessLife {
  /** Whether the end has begun. */
  readonly ending: boolean;
}

/**
 * Calls `stop` at the first signal and ends the process when it is done, with exit code 1 if it fails. At the second
 * signal `hurry` is called; without it, or `withinMs` after the last of the two, the process ends at once.
 */
export function liveUntilStopped(options: {
  readonly log: Log;
  readonly stop: () => Promise<void>;
  readonly hurry?: () => void;
  /** After `stop` was called, or `hurry` if there is one. */
  readonly withinMs: number;
}): ProcessLife {
  const { log, stop, hurry, withinMs } = options;
  // One broken promise or callback costs what hung on it, never every call on this server.
  process.on('uncaughtException', (error) => log.error('an error reached nobody', { error }));
  process.on('unhandledRejection', (error) => log.error('a rejection reached nobody', { error }));

  const life = { ending: false };
  let signalled = 0;
  const force = (): void => {
    setTimeout(() => process.exit(1), withinMs).unref();
  };
  const ended = (): void => {
    signalled += 1;
    if (signalled === 1) {
      life.ending = true;
      if (hurry === undefined) force();
      stop().then(
        () => process.exit(0),
        (error: unknown) => {
          log.error('stopping went wrong', { error });
          process.exit(1);
        },
      );
    } else if (signalled === 2 && hurry !== undefined) {
      force();
      hurry();
    }
  };
  for (const signal of signals) process.on(signal, ended);
  return life;
}
