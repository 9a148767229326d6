// Owns what the room's own streams of selected audio carry (room-model §8.3). They are there from the room's opening to
// its end, are in no list of published streams, and so count neither as inputs nor against idleness.
import type { RoomDocument } from '../../schemas/room.ts';
import type { Transcoders } from './transcoders.ts';
import type { SelectedAudio, Stream } from './state.ts';

const count = 3;

/** Of one that carries nothing. */
export const silent: SelectedAudio = { volume: 'minor' };

/** Empty unless the room asks for them and sound can be worked on. */
export function openSelected(
  { selectActiveAudio }: Pick<RoomDocument, 'selectActiveAudio'>,
  { audio }: Transcoders,
): readonly SelectedAudio[] {
  return selectActiveAudio && audio ? Array<SelectedAudio>(count).fill(silent) : [];
}

export function sameSelected(a: SelectedAudio | undefined, b: SelectedAudio | undefined): boolean {
  return a?.stream === b?.stream && a?.volume === b?.volume;
}

/** After the streams are gone; the same list when it has none of them. */
export function selectedWithout(
  selected: readonly SelectedAudio[],
  streams: readonly Stream[],
): readonly SelectedAudio[] {
  const gone = ({ stream }: SelectedAudio) => stream !== undefined && streams.some(({ id }) => id === stream);
  return selected.some(gone) ? selected.map((each) => (gone(each) ? silent : each)) : selected;
}
