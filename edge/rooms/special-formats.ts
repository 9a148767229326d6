// Owns what a room's mixers ask of a worker beyond what every engine can: what clients were offered, and may publish.
import { formatText } from '../../schemas/format-text.ts';
import type { Demand } from '../store/registry.ts';
import type { RoomState } from './state.ts';

/** Undefined when any worker that mixes pictures will do. Formats of views are on the list of those offered, too. */
export function specialFormats({
  document,
  transcoders: { taken = [], made = [] },
}: Pick<RoomState, 'document' | 'transcoders'>): Demand['formats'] {
  if (document === undefined) return undefined;
  const decode = document.mediaIn.video.filter(({ codec }) => taken.includes(codec));
  const encode = document.mediaOut.video.format.filter(({ codec }) => made.includes(codec));
  if (decode.length + encode.length === 0) return undefined;
  return { decode: texts(decode), encode: texts(encode) };
}

function texts(formats: readonly Parameters<typeof formatText>[0][]): string[] {
  return [...new Set(formats.map(formatText))];
}
