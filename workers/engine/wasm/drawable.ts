// Owns what the canvas asks of things that can be drawn: where the picture is, and whether it is another than before.
import type { Picture } from '../../../wasm/picture.ts';

export interface Drawable {
  /** Undefined when there is nothing to draw. */
  readonly picture: Picture | undefined;
  /** Another number for each picture. */
  readonly serial: number;
}
