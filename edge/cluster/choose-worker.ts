// Owns the choice of a worker for new work: who is available, who may serve the origin, who has the least load (spec
// cluster §2.4, §4 least-used). Pure.
import type { Origin } from '../../schemas/room.ts';
import type { AliveAnnouncement, ScheduledPurpose } from '../../schemas/worker.ts';
import { matchOrigin } from './origin-match.ts';

/** The available worker of that purpose with the smallest load, the first of equals; undefined when there is none. */
export function chooseWorker(
  workers: readonly AliveAnnouncement[],
  purpose: ScheduledPurpose,
  origin: Origin,
): AliveAnnouncement | undefined {
  const loadOf = (worker: AliveAnnouncement) => worker.load[purpose] ?? Infinity;
  const available = workers.filter(
    (worker) =>
      worker.purposes.includes(purpose) &&
      worker.state === 'ready' &&
      loadOf(worker) < Math.min(1, worker.maxLoad),
  );
  let best: AliveAnnouncement | undefined;
  for (const worker of matchOrigin(available, origin)) {
    if (best === undefined || loadOf(worker) < loadOf(best)) best = worker;
  }
  return best;
}
