// Owns the order in which kinds of workers are asked for a task. A kind is what workers of one purpose have in common as
// far as a demand can tell them apart, so that matching costs as much as there are kinds, not workers. Pure.
import type { Capacity, ScheduledPurpose, VideoCapacity } from '../../schemas/worker.ts';
import type { Demand } from '../store/registry.ts';
import { canDo } from './capacity-match.ts';
import { nearness } from './origin-match.ts';

/** JSON of a capacity that is the same for all workers which fit the same demands. */
export function kindOf(purpose: ScheduledPurpose, capacity: Capacity): string {
  const { isps, regions, video, engines, byEngine, algorithms } = capacity;
  return JSON.stringify({
    isps: sorted(isps),
    regions: sorted(regions),
    ...(purpose === 'video' && {
      ...(video && { video: codecs(video) }),
      ...(engines && { engines: sorted(engines) }),
      ...(byEngine && { byEngine: byEngine.map(({ engine, ...video }) => ({ engine, ...codecs(video) })) }),
    }),
    ...(purpose === 'analytics' && algorithms && { algorithms: sorted(algorithms) }),
  });
}

/**
 * The kinds that can do what a demand asks, wherever they are: a task stays with one of these. Undefined: all.
 */
export function ableKinds<K>(
  kinds: Iterable<readonly [K, Capacity]>,
  demand: Demand,
): readonly K[] | undefined {
  const { formats, engines, algorithm } = demand;
  if (formats === undefined && engines === undefined && algorithm === undefined) return undefined;
  return [...kinds].flatMap(([kind, capacity]) => (canDo(capacity, demand) ? [kind] : []));
}

/**
 * The kinds that may serve a demand, by tiers: a later tier is asked only where nobody of an earlier one is available.
 * Empty when none fits.
 */
export function tiersOf<K>(
  kinds: Iterable<readonly [K, Capacity]>,
  demand: Demand,
  regionFallback: boolean,
): readonly (readonly K[])[] {
  const tiers: [K[], K[], K[]] = [[], [], []];
  for (const [kind, capacity] of kinds) {
    const near = nearness(capacity, demand.origin, regionFallback);
    if (near !== undefined && canDo(capacity, demand)) tiers[near].push(kind);
  }
  return tiers.filter((tier) => tier.length > 0);
}

function codecs({ decode, encode }: VideoCapacity): VideoCapacity {
  return { decode: sorted(decode), encode: sorted(encode) };
}

function sorted(names: readonly string[]): string[] {
  return [...new Set(names)].toSorted();
}
