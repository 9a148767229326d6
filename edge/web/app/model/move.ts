// Owns how somebody gets to another place of a mixed picture: the request that exchanges two places. Pure.
import type { Figure, Place } from './place.ts';

/** Our own stream we may move ourselves; others only the room's own interface moves. */
export type Move =
  | { readonly by: 'control'; readonly stream: string; readonly region: string }
  /** `index` is the place's position in the layout. */
  | { readonly by: 'server'; readonly stream: string; readonly index: number };

/**
 * Puts `figure`, who may be without a place, where another is; the two change places. Undefined where nothing would
 * change, and where the place is free: nobody can be moved to where nobody is (spec room-model §7.4).
 */
export function exchange(places: readonly Place[], figure: Figure, to: Place): Move | undefined {
  const from = places.find((place) => place.figure?.stream === figure.stream);
  if (to.figure === undefined || from?.region === to.region) return undefined;
  if (figure.mine) return { by: 'control', stream: figure.stream, region: to.region };
  if (to.figure.mine && from !== undefined)
    return { by: 'control', stream: to.figure.stream, region: from.region };
  return { by: 'server', stream: figure.stream, index: to.index };
}

/** The place whose area holds a point, the last drawn first; shares of the picture. */
export function placeAt(places: readonly Place[], x: number, y: number): Place | undefined {
  return places.findLast(
    ({ area: { left, top, width, height } }) => x >= left && x < left + width && y >= top && y < top + height,
  );
}
