// Owns how somebody gets to another place of a mixed picture: the request that exchanges two places. Pure.
import type { Place } from './place.ts';

/** Our own stream we may move ourselves; others only the room's own interface moves. */
export type Move =
  | { readonly by: 'control'; readonly stream: string; readonly region: string }
  /** `index` is the place's position in the layout. */
  | { readonly by: 'server'; readonly stream: string; readonly index: number };

/** The exchange of two places; undefined when one is free, since nobody can be moved to where nobody is (room-model §7.4). */
export function exchange(from: Place, to: Place): Move | undefined {
  if (from.region === to.region || from.figure === undefined || to.figure === undefined) return undefined;
  if (from.figure.mine) return { by: 'control', stream: from.figure.stream, region: to.region };
  if (to.figure.mine) return { by: 'control', stream: to.figure.stream, region: from.region };
  return { by: 'server', stream: from.figure.stream, index: to.index };
}

/** The place whose area holds a point, the last drawn first; shares of the picture. */
export function placeAt(places: readonly Place[], x: number, y: number): Place | undefined {
  return places.findLast(
    ({ area: { left, top, width, height } }) => x >= left && x < left + width && y >= top && y < top + height,
  );
}
