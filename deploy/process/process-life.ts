// Owns how a server process ends: a signal lets it run out and stops it in order, a second one cuts that short, too long a
// wait ends it by force; an error that reached nobody stops nothing.
import type { Log } from '../../edge/clock.ts';

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP', 'disconnect'] as const;
/** A terminal, npm and a process supervisor may each pass the same one on. */
const sameSignalMs = 500;

export interface ProcessLife {
  /** Whether the end has begun. */
  readonly ending: boolean;
}

/**
 * At the first signal calls `drain` if there is one, then `stop`, and ends the process: with exit code 1 if stopping fails
 * or takes longer than `withinMs`. A second signal while it drains stops it at once.
 */
export function liveUntilStopped(options: {
  readonly log: Log;
  /** What ends by itself may do so meanwhile; bounded by itself. */
  readonly drain?: () => Promise<void>;
  readonly stop: () => Promise<void>;
  readonly withinMs: number;
}): ProcessLife {
  const { log, drain, stop, withinMs } = options;
  // A terminal that is gone, or whoever read what is said here: saying so would fail the same way, for ever.
  for (const output of [process.stdout, process.stderr]) output.on('error', () => undefined);
  // One broken promise or callback costs what hung on it, never every call on this server.
  process.on('uncaughtException', (error) => log.error('an error reached nobody', { error }));
  process.on('unhandledRejection', (error) => log.error('a rejection reached nobody', { error }));

  const life = { ending: false };
  let firstAt = 0;
  let hurry: () => void = () => undefined;

  async function end(): Promise<void> {
    if (drain !== undefined) {
      const cutShort = new Promise<void>((resolve) => (hurry = resolve));
      const drained = drain().catch((error: unknown) => {
        log.error('draining went wrong', { error });
      });
      await Promise.race([drained, cutShort]);
    }
    setTimeout(() => process.exit(1), withinMs).unref();
    await stop();
  }

  const signalled = (): void => {
    if (life.ending) {
      if (performance.now() - firstAt >= sameSignalMs) hurry();
      return;
    }
    life.ending = true;
    firstAt = performance.now();
    end().then(
      () => process.exit(0),
      (error: unknown) => {
        log.error('stopping went wrong', { error });
        process.exit(1);
      },
    );
  };
  for (const signal of signals) process.on(signal, signalled);
  return life;
}
