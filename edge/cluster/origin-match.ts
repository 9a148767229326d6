// Owns which workers may serve a client of a given ISP and region (spec cluster §5.4, Decision). Pure.
import type { Origin } from '../../schemas/room.ts';

export interface Located {
  readonly capacity: { readonly isps: readonly string[]; readonly regions: readonly string[] };
}

/** What the stock sample sends as placeholders counts as not given. */
function given(want: string, placeholder: string): string | undefined {
  return want === '' || want === placeholder ? undefined : want;
}

function serves(list: readonly string[], want: string | undefined): boolean {
  return list.length === 0 || (want !== undefined && list.includes(want));
}

/**
 * The workers that serve `origin`, in the given order: an empty list serves everybody, a list serves those who name a
 * member of it; workers that list the wanted region come alone when there are any. With `regionFallback` and nobody
 * left, the region is not asked for.
 */
export function matchOrigin<W extends Located>(
  workers: readonly W[],
  origin: Origin,
  regionFallback = false,
): readonly W[] {
  const isp = given(origin.isp, 'isp');
  const region = given(origin.region, 'region');
  const ofIsp = workers.filter(({ capacity }) => serves(capacity.isps, isp));
  const candidates = ofIsp.filter(({ capacity }) => serves(capacity.regions, region));
  if (candidates.length === 0 && regionFallback) return ofIsp;
  const near = candidates.filter(({ capacity }) => region !== undefined && capacity.regions.includes(region));
  return near.length > 0 ? near : candidates;
}
