// Owns the choice of a worker for new work: who is available, who may serve the origin, who has the least load (spec
// cluster §2.4, §4 least-used). Pure.
import type { Origin } from '../../schemas/room.ts';
import type { Purpose } from '../../schemas/worker.ts';
import type { AliveAnnouncement } from '../store/registry.ts';
import { matchOrigin } from './origin-match.ts';

/** The available worker of that purpose with the smallest load, the first of equals; undefined when there is none. */
export function chooseWorker(
  workers: readonly AliveAnnouncement[],
  purpose: Purpose,
  origin: Origin,
): AliveAnnouncement | undefined {
  const available = workers.filter(
    (worker) =>
      worker.purposes.includes(purpose) &&
      !worker.draining &&
      worker.load < worker.maxLoad &&
      worker.load < 1,
  );
  let best: AliveAnnouncement | undefined;
  for (const worker of matchOrigin(available, origin)) {
    if (best === undefined || worker.load < best.load) best = worker;
  }
  return best;
}
