// Owns which simulcast layers of a mixer's input are worth carrying to the mixer. Which of them is decoded in the end is the
// mixer's business, and depends on which of them flow.
import { floorOf, readFractionText } from '../../schemas/fraction.ts';
import type { Resolution } from '../../schemas/media.ts';
import type { DesiredVideoInput, DesiredVideoMixer } from '../../schemas/worker.ts';

type Layer = DesiredVideoInput['layers'][number];

/** The smallest layer that fills its region in every output, all that are smaller, and those of unknown size. */
export function neededLayers(
  { layers, region }: DesiredVideoInput,
  { outputs, fit }: Pick<DesiredVideoMixer, 'outputs' | 'fit'>,
): readonly Layer[] {
  const [width, height] = [readFractionText(region.area.width), readFractionText(region.area.height)];
  if (width === undefined || height === undefined) return layers;
  const places: Resolution[] = [];
  for (const { resolution } of outputs) {
    // It keeps the size in which the pictures come: the largest it is.
    if (resolution === undefined) return layers;
    places.push({ width: floorOf(resolution.width, width), height: floorOf(resolution.height, height) });
  }
  const fills = (size: Resolution): boolean => places.every((place) => fillsPlace(size, place, fit));
  const enough = layers
    .flatMap(({ resolution }) => (resolution !== undefined && fills(resolution) ? [area(resolution)] : []))
    .reduce((least, pixels) => Math.min(least, pixels), Infinity);
  return layers.filter(({ resolution }) => resolution === undefined || area(resolution) <= enough);
}

function fillsPlace(size: Resolution, place: Resolution, fit: DesiredVideoMixer['fit']): boolean {
  if (size.width <= 0 || size.height <= 0) return false;
  const [across, down] = [place.width / size.width, place.height / size.height];
  return (fit === 'crop' ? Math.max(across, down) : Math.min(across, down)) <= 1;
}

function area({ width, height }: Resolution): number {
  return width * height;
}
