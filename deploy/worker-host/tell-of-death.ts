// Owns telling the cluster that a worker has died, again while the registry is away: edges that have lost sight of the
// cluster themselves take nobody for silent for a while.
import type { Clock, Log } from '../../edge/clock.ts';
import type { Registry } from '../../edge/store/registry.ts';

const againMs = 500;
/** By then its silence has told. */
const giveUpMs = 60_000;

/** Takes the worker off the registry as soon as that can be reached, within a minute. */
export function tellOfDeath(options: {
  readonly registry: Pick<Registry, 'remove'>;
  readonly clock: Clock;
  readonly log: Log;
  readonly worker: string;
  readonly reason: string;
}): void {
  const { registry, clock, log, worker, reason } = options;
  const until = clock.now() + giveUpMs;
  const tell = (): void => {
    registry.remove(worker, reason).catch((error: unknown) => {
      if (clock.now() < until) clock.after(againMs, tell);
      else log.error('a dead worker could not be taken off the registry', { worker, error });
    });
  };
  tell();
}
