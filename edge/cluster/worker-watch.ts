// Owns the way of workers into and out of the registry: their announcements, and the removal of those that fell silent
// (spec cluster §2.3: noticed 3 to 5 s after the last word) or, sooner, were cut off as a process is that dies.
import * as v from 'valibot';
import { channels, type Bus, type Unsubscribe } from '../../schemas/bus.ts';
import { workerAnnouncementSchema } from '../../schemas/worker.ts';
import type { Clock, Log } from '../clock.ts';
import type { HomePorts } from '../store/homes.ts';
import type { Registry } from '../store/registry.ts';
import { CutOffWorkers, lookEveryMs, quietMs } from './cut-off-workers.ts';

const sweepEveryMs = 1000;
const silentAfterMs = 4000;
/** Who was cut off hears of everybody again only when they, too, have found the way back. */
const afterGapMs = 10_000;

export interface WorkerWatchDeps {
  readonly bus: Bus;
  readonly registry: Registry;
  readonly clock: Clock;
  readonly log: Log;
  /** The id under which this edge announces itself: while it does not hear that, it does not hear others either. */
  readonly own?: string;
  readonly cutOff?: HomePorts['cutOff'];
}

/** Keeps the registry up to date until the result is called. Malformed announcements are logged and dropped. */
export function watchWorkers({ bus, registry, clock, log, own, cutOff }: WorkerWatchDeps): Unsubscribe {
  const connected = new CutOffWorkers();
  let looking = false;
  let ownHeardAt = -Infinity;
  /** Nobody is taken for lost before this: what is silence may be our own deafness. */
  let trustFrom = -Infinity;

  const failed = (error: unknown) => {
    trustFrom = clock.now() + afterGapMs;
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
        if (announcement.worker === own) ownHeardAt = clock.now();
        connected.heard(announcement.worker, clock.now());
        registry.announce(announcement, clock.now()).catch(failed);
        return;
      case 'quit':
        connected.forget(announcement.worker);
        registry.remove(announcement.worker, 'quit').catch(failed);
    }
  });
  let sweptAt = clock.now();
  const stopSweeping = clock.every(sweepEveryMs, () => {
    const now = clock.now();
    // This process itself stood still: what the workers said meanwhile has not been read yet.
    if (now - sweptAt >= 2 * sweepEveryMs) trustFrom = Math.max(trustFrom, now + sweepEveryMs);
    sweptAt = now;
    if (own !== undefined && now - ownHeardAt > 2 * sweepEveryMs) trustFrom = now + afterGapMs;
    if (now >= trustFrom) registry.sweep(now, silentAfterMs).catch(failed);
  });

  async function look(find: NonNullable<HomePorts['cutOff']>): Promise<void> {
    const suspects = connected.suspects(clock.now(), silentAfterMs);
    if (looking || suspects.length === 0) return;
    looking = true;
    try {
      const found = await find(suspects.map((worker) => channels.worker(worker)));
      const cut = suspects.flatMap((worker) => {
        const process = found.get(channels.worker(worker));
        return process === undefined ? [] : [[worker, process] as const];
      });
      const now = clock.now();
      const lost = connected.judge(suspects, new Map(cut), now);
      // Redis says so, not this edge's ears: what they missed does not matter.
      if (lost.length > 0) {
        log.warn('workers were cut off', { workers: lost });
        await registry.sweep(now, quietMs, lost);
      }
    } catch (error) {
      failed(error);
    }
    looking = false;
  }

  const stopLooking =
    cutOff === undefined ? () => undefined : clock.every(lookEveryMs, () => void look(cutOff));
  const stopForgetting = registry.watch((worker) => connected.forget(worker));

  return () => {
    stopListening();
    stopSweeping();
    stopLooking();
    stopForgetting();
  };
}
