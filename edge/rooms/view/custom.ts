// Owns the reading of a room's own templates: fraction texts of any form become `n/d` (room-model §4).
import { fractionText, parseFraction } from '../../../schemas/fraction.ts';
import type { RegionSetting } from '../../../schemas/room.ts';
import type { Region } from '../../../schemas/stream.ts';

/**
 * The regions of a configured template; undefined when it has none, or one that cannot be read (room documents are
 * checked when they come in, so only one stored by other means has such).
 */
export function customTemplate(settings: readonly RegionSetting[]): readonly Region[] | undefined {
  const regions: Region[] = [];
  for (const { id, area } of settings) {
    const left = wireText(area.left);
    const top = wireText(area.top);
    const width = wireText(area.width);
    const height = wireText(area.height);
    if (left === undefined || top === undefined || width === undefined || height === undefined) {
      return undefined;
    }
    regions.push({ id, shape: 'rectangle', area: { left, top, width, height } });
  }
  return regions.length === 0 ? undefined : regions;
}

function wireText(text: string): string | undefined {
  const fraction = parseFraction(text);
  return fraction === undefined ? undefined : fractionText(fraction);
}
