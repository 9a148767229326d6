// Owns the way of workers into and out of the registry: their announcements, and the removal of those that fell silent
// (spec cluster §2.3: noticed 3 to 5 s after the last word).
import * as v from 'valibot';
import { channels, type Bus, type Unsubscribe } from '../../schemas/bus.ts';
import { workerAnnouncementSchema } from '../../schemas/worker.ts';
import type { Clock, Log } from '../clock.ts';
import type { Registry } from '../store/registry.ts';

const sweepEveryMs = 1000;
const silentAfterMs = 4000;

/** Keeps the registry up to date until the result is called. Malformed announcements are logged and dropped. */
export function watchWorkers(deps: { bus: Bus; registry: Registry; clock: Clock; log: Log }): Unsubscribe {
  const { bus, registry, clock, log } = deps;

  const failed = (error: unknown) => {
    log.warn('the worker registry could not be reached', { error });
  };

  const stopListening = bus.subscribe(channels.workers, (message) => {
    const parsed = v.safeParse(workerAnnouncementSchema, message);
    if (!parsed.success) {
      log.warn('a malformed worker announcement was dropped', { issue: parsed.issues[0].message });
      return;
    }
    const announcement = parsed.output;
    switch (announcement.type) {
      case 'alive':
        registry.announce(announcement, clock.now()).catch(failed);
        return;
      case 'quit':
        registry.remove(announcement.worker, 'quit').catch(failed);
    }
  });
  let sweptAt = clock.now();
  const stopSweeping = clock.every(sweepEveryMs, () => {
    const now = clock.now();
    const blocked = now - sweptAt >= 2 * sweepEveryMs;
    sweptAt = now;
    // This process itself stood still: what the workers said meanwhile has not been read yet.
    if (!blocked) registry.sweep(now, silentAfterMs).catch(failed);
  });

  return () => {
    stopListening();
    stopSweeping();
  };
}
