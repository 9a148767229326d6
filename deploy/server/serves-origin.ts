// Owns which clients an edge of these places serves where tokens are held to their preference (`tokens.strict_origin`).
import { nearness } from '../../edge/cluster/origin-match.ts';
import type { Origin } from '../../schemas/room.ts';
import { schedulingOf, type ClusterSettings } from '../settings/cluster-settings.ts';

/** True for exactly the clients that scheduling could send to this edge. */
export function servesOrigin(settings: ClusterSettings): (origin: Origin) => boolean {
  const fallback = schedulingOf(settings).regionFallback?.portal ?? false;
  return (origin) => nearness(settings, origin, fallback) !== undefined;
}
