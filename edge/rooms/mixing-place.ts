// Owns where a room's mixers ought to run, of the workers that have its transports: where its clients are, so that the least
// of their media crosses workers. What happens when none of those mixes is mixing-placement.ts.
import type { RoomState } from './state.ts';

/**
 * The worker to run them, which is the one they have while that carries a transport of the room, else the one with the
 * most; undefined while no transport has a worker that `mixes`. Transports with work count only where there are no others.
 */
export function mixingPlace(
  { transports, mixing }: Pick<RoomState, 'transports' | 'mixing'>,
  mixes: (worker: string) => boolean,
): string | undefined {
  const all = [...transports.values()].filter(({ worker }) => worker !== undefined && mixes(worker));
  const clients = all.filter(({ work }) => work === undefined);
  const counts = new Map<string, number>();
  let most: string | undefined;
  for (const { worker } of clients.length > 0 ? clients : all) {
    if (worker === undefined) continue;
    if (worker === mixing?.worker) return worker;
    const count = (counts.get(worker) ?? 0) + 1;
    counts.set(worker, count);
    if (most === undefined || count > (counts.get(most) ?? 0)) most = worker;
  }
  return most;
}
