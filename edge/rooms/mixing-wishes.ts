// Owns what a room asks of the worker that is to run its mixers, the best first: formats that not every engine has, before
// the engine that the room prefers. Pure.
import type { Kind } from '../../schemas/media.ts';
import type { Demand } from '../store/registry.ts';
import { specialFormats } from './special-formats.ts';
import type { RoomState } from './state.ts';

export type MixingWish = Pick<Demand, 'formats' | 'engines'>;

/** The last is the least with which the room's pictures or sounds can be made at all. */
export function mixingWishes(
  room: Pick<RoomState, 'document' | 'transcoders'>,
  purpose: Kind,
): readonly MixingWish[] {
  if (purpose === 'audio') return [{}];
  const formats = specialFormats(room);
  const kinds: readonly MixingWish[] = room.document?.mediaEngines?.map((id) => ({ engines: [id] })) ?? [{}];
  return [...(formats === undefined ? [] : kinds.map((kind) => ({ ...kind, formats }))), ...kinds];
}
