// Owns in which sizes pictures can be tapped: the rule that all engines share.
import type { Resolution } from '../../schemas/media.ts';
import { maxTapSide, minTapSide } from '../../schemas/picture-tap.ts';

export function isTappable({ width, height }: Resolution): boolean {
  return [width, height].every((side) => side % 2 === 0 && side >= minTapSide && side <= maxTapSide);
}
