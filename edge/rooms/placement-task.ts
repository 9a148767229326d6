// Owns which transports of a room are one piece of work for the scheduler.
import type { Transport } from './state.ts';

/**
 * Transports of one room with one origin are one task: they come to the same worker as long as that takes work, so that
 * what they publish need not cross to another.
 */
export function placementTask(room: string, { origin, work }: Pick<Transport, 'origin' | 'work'>): string {
  const algorithm = work?.do === 'analyse' ? [work.algorithm] : [];
  return JSON.stringify([room, origin.isp, origin.region, ...algorithm]);
}
