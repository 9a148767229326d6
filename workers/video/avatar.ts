// Owns the picture shown for who has muted the camera: a head and shoulders in a disc, drawn here, on a plain ground.
import type { Resolution } from '../../schemas/media.ts';

interface Shade {
  readonly y: number;
  readonly u: number;
  readonly v: number;
}

const side = 180;
/** Limited-range BT.601: slate, and two lighter tones of it. */
const ground: Shade = { y: 46, u: 136, v: 124 };
const disc: Shade = { y: 76, u: 138, v: 122 };
const figure: Shade = { y: 158, u: 135, v: 124 };

export const avatarSize: Resolution = { width: side, height: side };

/** The avatar, packed I420 of `avatarSize`. */
export function avatarPicture(): Uint8Array {
  return paint(side, shadeAt);
}

/** What lies around it where it fills a larger tile: packed I420 of 16×16. */
export const groundSize: Resolution = { width: 16, height: 16 };
export function groundPicture(): Uint8Array {
  return paint(16, () => ground);
}

/** Positions are in pixels of the avatar, from its middle. */
function shadeAt(x: number, y: number): Shade {
  const inDisc = cover(Math.hypot(x, y), 74);
  const head = cover(Math.hypot(x, y + 20), 25);
  // Shoulders: an ellipse below, cut off by the disc.
  const shoulders = cover(Math.hypot(x, (y - 62) * 1.05), 48);
  return blend(blend(ground, disc, inDisc), figure, Math.max(head, Math.min(shoulders, inDisc)));
}

/** How much of a pixel at `distance` lies inside `radius`: edges are a pixel wide and smooth. */
function cover(distance: number, radius: number): number {
  return Math.min(1, Math.max(0, radius - distance + 0.5));
}

function blend(under: Shade, over: Shade, share: number): Shade {
  const mix = (a: number, b: number): number => a + (b - a) * share;
  return { y: mix(under.y, over.y), u: mix(under.u, over.u), v: mix(under.v, over.v) };
}

function paint(length: number, shade: (x: number, y: number) => Shade): Uint8Array {
  const packed = new Uint8Array((length * length * 3) / 2);
  const half = length / 2;
  const [u, v] = [length * length, length * length + half * half];
  for (let row = 0; row < length; row++) {
    for (let column = 0; column < length; column++) {
      packed[row * length + column] = Math.round(shade(column + 0.5 - half, row + 0.5 - half).y);
    }
  }
  for (let row = 0; row < half; row++) {
    for (let column = 0; column < half; column++) {
      const at = shade(2 * column + 1 - half, 2 * row + 1 - half);
      packed[u + row * half + column] = Math.round(at.u);
      packed[v + row * half + column] = Math.round(at.v);
    }
  }
  return packed;
}
