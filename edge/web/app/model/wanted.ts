// Owns which forward streams a page watches one by one. Pure.
import type { MixedStreamInfo, StreamInfo } from '../../../../schemas/stream.ts';
import { isMixedIn } from './place.ts';
import { purposeOf } from './tiles.ts';

export interface WantedOptions {
  /** The mixed stream that is watched, if one is. */
  readonly mixed: MixedStreamInfo | undefined;
  readonly me: string;
  /** Our own streams too, where everybody's are watched. */
  readonly self: boolean;
}

/** Ids of streams: of everybody or, besides a mixed picture, the screens that are shared outside of it. */
export function wantedStreams(
  streams: Iterable<StreamInfo>,
  { mixed, me, self }: WantedOptions,
): readonly string[] {
  return [...streams].flatMap((stream) => {
    if (stream.type === 'mixed') return [];
    const mine = stream.info.owner === me;
    if (mixed !== undefined)
      return !mine && purposeOf(stream) === 'screen' && !isMixedIn(mixed, stream) ? [stream.id] : [];
    return mine && !self ? [] : [stream.id];
  });
}
