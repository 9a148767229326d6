// Owns which workers may serve a client of a given ISP and region (spec cluster §5.4, Decision). Pure.
import type { Origin } from '../../schemas/room.ts';
import type { Capacity } from '../../schemas/worker.ts';

/** How near a worker is: it names the client's region, serves every region, or another one. */
export type Nearness = 0 | 1 | 2;

/** What the stock sample sends as placeholders counts as not given. */
function given(want: string, placeholder: string): string | undefined {
  return want === '' || want === placeholder ? undefined : want;
}

function serves(list: readonly string[], want: string | undefined): boolean {
  return list.length === 0 || (want !== undefined && list.includes(want));
}

/**
 * How near a worker with these ISPs and regions is to `origin`; undefined when it may not serve it. An empty list serves
 * everybody, a list those who name a member of it. Only with `regionFallback` may another region serve.
 */
export function nearness(
  { isps, regions }: Pick<Capacity, 'isps' | 'regions'>,
  origin: Origin,
  regionFallback: boolean,
): Nearness | undefined {
  if (!serves(isps, given(origin.isp, 'isp'))) return undefined;
  const region = given(origin.region, 'region');
  if (region !== undefined && regions.includes(region)) return 0;
  if (regions.length === 0) return 1;
  return regionFallback ? 2 : undefined;
}
