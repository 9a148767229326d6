// Owns which simulcast layer of an input is decoded: the smallest that fills its place in the largest picture made.
import type { Resolution } from '../../schemas/media.ts';
import type { DesiredVideoInput, DesiredVideoMixer } from '../../schemas/worker.ts';
import { regionRectangle, type FitPolicy } from '../engine/rectangles.ts';

export interface LayerState {
  /** Undefined while it is not known. */
  readonly size: Resolution | undefined;
  /** Whether packets come. */
  readonly flowing: boolean;
}

/** What an input's picture is to fill. */
export interface Place {
  readonly size: Resolution;
  readonly fit: FitPolicy;
}

/** A picture this much too small looks as good. */
const tolerance = 1.05;

/** The place of `input` in the largest output; undefined where the picture keeps its own size. */
export function placeOf(
  input: DesiredVideoInput,
  { outputs, fit }: Pick<DesiredVideoMixer, 'outputs' | 'fit'>,
): Place | undefined {
  let largest: Resolution = { width: 0, height: 0 };
  for (const { resolution } of outputs) {
    if (!resolution) return undefined;
    if (resolution.width * resolution.height > largest.width * largest.height) largest = resolution;
  }
  const size = regionRectangle(input.region, largest);
  return size && { size, fit };
}

/**
 * The index of the layer to decode; -1 when there is none. Those that flow go first, then those of known size; without a
 * place the largest is taken.
 */
export function chooseLayer(layers: readonly LayerState[], place: Place | undefined): number {
  let best = -1;
  for (const [index, layer] of layers.entries()) {
    const current = layers[best];
    if (!current || isBetter(layer, current, place)) best = index;
  }
  return best;
}

function isBetter(layer: LayerState, than: LayerState, place: Place | undefined): boolean {
  if (layer.flowing !== than.flowing) return layer.flowing;
  if (!layer.size || !than.size) return layer.size !== undefined && than.size === undefined;
  const larger = layer.size.width * layer.size.height > than.size.width * than.size.height;
  if (!place) return larger;
  const fills = isFilledBy(layer.size, place);
  if (fills !== isFilledBy(than.size, place)) return fills;
  return fills ? layer.size.width * layer.size.height < than.size.width * than.size.height : larger;
}

function isFilledBy({ width, height }: Resolution, { size, fit }: Place): boolean {
  if (width <= 0 || height <= 0) return false;
  const [across, down] = [size.width / width, size.height / height];
  return (fit === 'crop' ? Math.max(across, down) : Math.min(across, down)) <= tolerance;
}
