// Owns the bitrate of encoded video: the default one (room-model §2.5), and what a wish makes of it (§2.6).
import type { Resolution } from '../../schemas/media.ts';

/** Pixels a frame at 30 frames/s, and the kbit/s they get. */
const points: readonly (readonly [pixels: number, kbps: number])[] = [
  [0, 0],
  [76_800, 400],
  [307_200, 800],
  [921_600, 2000],
  [2_073_600, 4000],
  [8_294_400, 16_000],
  [33_177_600, 64_000],
];
const most = 64_000;

const codecFactor: ReadonlyMap<string, number> = new Map([
  ['h264', 1],
  ['vp8', 1.2],
  ['vp9', 0.8],
  ['h265', 0.9],
]);

/** kbit/s for a size in pixels and a rate in frames/s, before codec and motion. Zero and beyond the table is 64,000. */
export function baseBitrate({ width, height }: Resolution, framerate: number): number {
  const pixels = (width * height * framerate) / 30;
  let [fromPixels, fromKbps] = [0, 0];
  for (const [toPixels, toKbps] of points) {
    if (pixels > fromPixels && pixels <= toPixels) {
      return fromKbps + ((pixels - fromPixels) / (toPixels - fromPixels)) * (toKbps - fromKbps);
    }
    [fromPixels, fromKbps] = [toPixels, toKbps];
  }
  return most;
}

/** kbit/s of an encoder's output. `motionFactor` is the view's, 1 for transcoded forward streams. */
export function defaultBitrate(
  codec: string,
  resolution: Resolution,
  framerate: number,
  motionFactor: number,
): number {
  return baseBitrate(resolution, framerate) * (codecFactor.get(codec) ?? 1) * motionFactor;
}

/** `x1` and `x1.0` mean that nothing is asked. */
export function isUnchanged(bitrate: number | string | undefined): boolean {
  return bitrate === undefined || bitrate === 'x1' || bitrate === 'x1.0';
}

/** Whether `wanted` is on a list of mediaOut, where numbers stand as texts. */
export function offersBitrate(offered: readonly string[], wanted: number | string | undefined): boolean {
  return isUnchanged(wanted) || offered.includes(String(wanted));
}

/** kbit/s of a wish, where there would be `whole` without it: a number is taken as it is, a multiplier applies. */
export function wishedBitrate(wanted: number | string | undefined, whole: number): number {
  if (typeof wanted === 'number') return wanted;
  return wanted === undefined ? whole : whole * Number(wanted.slice(1));
}
