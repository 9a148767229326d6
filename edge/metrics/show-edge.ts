// Owns the figures of what an edge holds now: connections, participants, rooms.
import type { Unsubscribe } from '../../schemas/bus.ts';
import type { Portal } from '../portal/portal.ts';
import type { Rooms } from '../rooms/live-room.ts';
import { edgeFamilies } from './edge-families.ts';
import { type Metrics, reading } from './metrics.ts';

/** Shows them until the result is called. */
export function showEdge(
  metrics: Metrics,
  { portal, rooms }: { readonly portal: Pick<Portal, 'figures'>; readonly rooms: Pick<Rooms, 'all'> },
): Unsubscribe {
  return metrics.read(() => {
    const { connections, joined, away, requests } = portal.figures;
    const live = rooms.all();
    return [
      reading(edgeFamilies.connections, { protocol: 'owt' }, connections.owt),
      reading(edgeFamilies.connections, { protocol: 'sluice' }, connections.sluice),
      reading(edgeFamilies.participants, { state: 'joined' }, joined),
      reading(edgeFamilies.participants, { state: 'away' }, away),
      reading(edgeFamilies.requestsNow, {}, requests),
      reading(edgeFamilies.rooms, { role: 'live' }, live.length),
      reading(edgeFamilies.rooms, { role: 'conducted' }, live.filter(({ conducts }) => conducts).length),
    ];
  });
}
