// Owns what of a mixer's settings can be done: sizes that engines take, numbers within reason, formats that can be encoded.
import type { Resolution } from '../../schemas/media.ts';
import {
  type DesiredPictureTap,
  maxTapFramerate,
  maxTaps,
  maxTapSide,
  minTapFramerate,
  minTapSide,
} from '../../schemas/picture-tap.ts';
import type { DesiredVideoMixer, DesiredVideoOutput } from '../../schemas/worker.ts';
import { canDo } from '../engine/choose-engine.ts';
import type { EngineCapabilities } from '../engine/engine.ts';

export const maxInputs = 64;
export const maxOutputs = 64;
const minSide = 16;
const maxFramerate = 60;

/** The settings without outputs that cannot be made, and with even sizes; of too many of anything the last are lost. */
export function usableSettings(
  settings: DesiredVideoMixer,
  capabilities: EngineCapabilities,
): DesiredVideoMixer {
  return {
    ...settings,
    inputs: settings.inputs.slice(0, maxInputs),
    outputs: settings.outputs
      .filter(({ format, resolution }) => {
        const size = resolution && even(resolution);
        return canDo(capabilities.encode, format) && (size === undefined || isPossible(size, capabilities));
      })
      .slice(0, maxOutputs)
      .map(usableOutput),
    ...(settings.taps && { taps: settings.taps.slice(0, maxTaps).map(usableTap) }),
  };
}

/** The nearest size that can be encoded; undefined when the picture is too large. */
export function encodableSize(picture: Resolution, capabilities: EngineCapabilities): Resolution | undefined {
  const { width, height } = even(picture);
  const size = { width: Math.max(minSide, width), height: Math.max(minSide, height) };
  return isPossible(size, capabilities) ? size : undefined;
}

function usableOutput(output: DesiredVideoOutput): DesiredVideoOutput {
  const { framerate, keyFrameInterval, resolution } = output;
  return {
    ...output,
    framerate: between(framerate, 1, maxFramerate),
    keyFrameInterval: between(keyFrameInterval, 1, 3600),
    ...(resolution && { resolution: even(resolution) }),
  };
}

function usableTap(tap: DesiredPictureTap): DesiredPictureTap {
  const { width, height } = even({
    width: between(tap.width, minTapSide, maxTapSide),
    height: between(tap.height, minTapSide, maxTapSide),
  });
  return { ...tap, width, height, framerate: between(tap.framerate, minTapFramerate, maxTapFramerate) };
}

function isPossible({ width, height }: Resolution, { maxSize }: EngineCapabilities): boolean {
  return width >= minSide && height >= minSide && width <= maxSize && height <= maxSize;
}

function even({ width, height }: Resolution): Resolution {
  const down = (side: number): number => 2 * Math.floor(side / 2);
  return { width: down(width), height: down(height) };
}

/** `least` also for what is not a number. */
function between(value: number, least: number, most: number): number {
  return value > least ? Math.min(value, most) : least;
}
