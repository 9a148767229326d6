// Owns what a picture costs a device, learnt from what its pipelines take. Pure.
import type { DesiredVideoMixer } from '../../schemas/worker.ts';

/** What a mixer wants: pictures a second, and pixels of all outputs for each. */
export interface PictureWish {
  readonly pixels: number;
  readonly framerate: number;
}

/** The picture that devices are tried with, and what a room is taken to want before there is one. */
export const usualWish: PictureWish = { pixels: 1280 * 720, framerate: 30 };

const unknownSize = { width: 640, height: 480 };
/** Costs are learnt quickly when they are higher than thought, slowly when lower: an empty room says little of a full one. */
const learns = { up: 0.3, down: 0.05 } as const;

/** Of the outputs of a mixer. */
export function wishOf({ outputs }: Pick<DesiredVideoMixer, 'outputs'>): PictureWish {
  const framerate = Math.max(0, ...outputs.map((output) => output.framerate));
  const rate = outputs.reduce((sum, { resolution, framerate: fps }) => {
    const { width, height } = resolution ?? unknownSize;
    return sum + width * height * fps;
  }, 0);
  return { pixels: framerate > 0 ? rate / framerate : 0, framerate };
}

export class PictureCosts {
  /** Milliseconds by size, in steps of √2. */
  readonly #learnt = new Map<number, number>();
  readonly #triedMs: number;

  /** `triedMs`: for a picture of `usualWish`, until something is learnt. */
  constructor(triedMs: number) {
    this.#triedMs = triedMs;
  }

  /** A mixer with this wish took `ms` of its engine for each picture. */
  learn({ pixels }: PictureWish, ms: number): void {
    if (pixels <= 0 || !(ms > 0)) return;
    const step = stepOf(pixels);
    const known = this.#learnt.get(step) ?? ms;
    this.#learnt.set(step, known + (ms - known) * (ms > known ? learns.up : learns.down));
  }

  /** The share of an engine's time, 0 to 1 and above, that a mixer with this wish is expected to take. */
  share({ pixels, framerate }: PictureWish): number {
    return pixels <= 0 ? 0 : (this.#ms(pixels) * framerate) / 1000;
  }

  /** As learnt for that size; else for the nearest, in proportion. */
  #ms(pixels: number): number {
    const step = stepOf(pixels);
    const same = this.#learnt.get(step);
    if (same !== undefined) return same;
    const [nearest] = [...this.#learnt].sort(([a], [b]) => Math.abs(a - step) - Math.abs(b - step));
    if (nearest === undefined) return (this.#triedMs * pixels) / usualWish.pixels;
    return nearest[1] * 2 ** ((step - nearest[0]) / 2);
  }
}

/** Between 1 and some 60: pictures are bounded. */
function stepOf(pixels: number): number {
  return Math.round(2 * Math.log2(Math.max(1, Math.min(pixels, 2 ** 30))));
}
