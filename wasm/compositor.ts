// Owns drawing on canvases: coloured rectangles, and pictures cropped and scaled into rectangles. Which rectangles is
// decided elsewhere; here they are final, even, and inside.
import { checkSize } from './check.ts';
import { Handle } from './handle.ts';
import { type Canvas, type Picture, pictureOf } from './picture.ts';
import type { Video } from './video.ts';

/** Pixels; all four even. */
export interface Rectangle {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** A colour in limited-range BT.601. */
export interface Yuv {
  readonly y: number;
  readonly u: number;
  readonly v: number;
}

/** Scalers are made once for each pair of sizes; the least recently used goes first. */
const mostScalers = 64;

export class Compositor {
  readonly #video: Video;
  readonly #scalers = new Map<string, Handle>();
  /** By pointer. */
  readonly #canvases = new Map<number, Handle>();
  #isClosed = false;

  constructor(video: Video) {
    this.#video = video;
  }

  /** A canvas of its own, for a picture that several encoders take. Freed by `release`, or when the compositor closes. */
  createCanvas(width: number, height: number): Canvas {
    this.#checkOpen();
    checkSize(width, height);
    const { call } = this.#video;
    // Room behind it for SIMD loads, as in the glue.
    const handle = new Handle('canvas', call.malloc((width * height * 3) / 2 + 64), call.free);
    this.#canvases.set(handle.pointer, handle);
    return { width, height, pointer: handle.pointer };
  }

  /** Frees a canvas of `createCanvas`; of others, and of one already freed, nothing. */
  release(canvas: Canvas): void {
    this.#canvases.get(canvas.pointer)?.close();
    this.#canvases.delete(canvas.pointer);
  }

  /** Fills a rectangle of the canvas. Throws RangeError when it is not even or not inside. */
  fill(canvas: Canvas, area: Rectangle, colour: Yuv): void {
    this.#checkOpen();
    checkInside('area', area, canvas);
    const { pointer, width, height } = canvas;
    const { y, u, v } = colour;
    this.#video.call.canvas_fill(pointer, width, height, area.x, area.y, area.width, area.height, y, u, v);
  }

  /**
   * Scales the part `crop` of a picture into `target`, without keeping its shape. Throws RangeError when a rectangle is
   * not even or not inside.
   */
  draw(canvas: Canvas, target: Rectangle, picture: Picture, crop: Rectangle): void {
    this.#checkOpen();
    checkInside('target', target, canvas);
    checkInside('crop', crop, picture);
    const { strideY, strideUv } = picture;
    const luma = crop.y * strideY + crop.x;
    const chroma = (crop.y / 2) * strideUv + crop.x / 2;
    this.#video.call.scaler_draw(
      this.#scaler(crop, target),
      picture.y + luma,
      picture.u + chroma,
      picture.v + chroma,
      strideY,
      strideUv,
      canvas.pointer,
      canvas.width,
      canvas.height,
      target.x,
      target.y,
    );
  }

  /** Draws all of one canvas on all of another: a plain copy when the sizes agree. */
  copy(to: Canvas, from: Canvas): void {
    const whole = ({ width, height }: Canvas): Rectangle => ({ x: 0, y: 0, width, height });
    this.draw(to, whole(to), pictureOf(from), whole(from));
  }

  /** Frees scalers and canvases; later calls do nothing. */
  close(): void {
    this.#isClosed = true;
    for (const handle of [...this.#scalers.values(), ...this.#canvases.values()]) handle.close();
    this.#scalers.clear();
    this.#canvases.clear();
  }

  #scaler(from: Rectangle, to: Rectangle): number {
    const key = `${from.width}x${from.height} ${to.width}x${to.height}`;
    const { call } = this.#video;
    const scaler =
      this.#scalers.get(key) ??
      new Handle(
        'scaler',
        call.scaler_create(from.width, from.height, to.width, to.height),
        call.scaler_destroy,
      );
    this.#scalers.delete(key);
    this.#scalers.set(key, scaler);
    for (const [oldest, handle] of this.#scalers) {
      if (this.#scalers.size <= mostScalers) break;
      handle.close();
      this.#scalers.delete(oldest);
    }
    return scaler.pointer;
  }

  #checkOpen(): void {
    if (this.#isClosed) throw new Error('Compositor is closed');
  }
}

function checkInside(
  name: string,
  { x, y, width, height }: Rectangle,
  outer: { readonly width: number; readonly height: number },
): void {
  const isEven = [x, y, width, height].every((value) => Number.isInteger(value) && value % 2 === 0);
  const isInside = x >= 0 && y >= 0 && x + width <= outer.width && y + height <= outer.height;
  if (isEven && isInside && width > 0 && height > 0) return;
  throw new RangeError(
    `${name} ${width}x${height} at ${x},${y} is not even and inside ${outer.width}x${outer.height}`,
  );
}

/** An RGB colour (0 … 255 each) as limited-range BT.601. */
export function yuvOf({ r, g, b }: { readonly r: number; readonly g: number; readonly b: number }): Yuv {
  return {
    y: Math.round(16 + 0.257 * r + 0.504 * g + 0.098 * b),
    u: Math.round(128 - 0.148 * r - 0.291 * g + 0.439 * b),
    v: Math.round(128 + 0.439 * r - 0.368 * g - 0.071 * b),
  };
}
