// Owns a picture that layers are drawn on. Redraws only what is another than the last time: the background and unchanged
// tiles stay as they are.
import type { Resolution } from '../../../schemas/media.ts';
import { yuvOf } from '../../../wasm/compositor.ts';
import type { Canvas } from '../../../wasm/picture.ts';
import type { Colour, Layer, VideoCanvas } from '../engine.ts';
import type { Rectangle, Tile } from '../rectangles.ts';
import type { Drawable } from './drawable.ts';
import type { WasmCore } from './wasm-core.ts';
import { WasmDecoder } from './wasm-decoder.ts';
import { WasmStill } from './wasm-still.ts';

interface Drawn {
  readonly drawable: Drawable;
  readonly serial: number;
  readonly tile: Tile;
}

export class WasmCanvas implements VideoCanvas {
  readonly size: Resolution;
  /** Undefined when closed, or when the instance broke. */
  canvas: Canvas | undefined;
  readonly core: WasmCore;
  #background: Colour;
  /** What is on the canvas; undefined: anything. */
  #drawn: readonly Drawn[] | undefined;
  #overlapping = false;

  constructor(core: WasmCore, size: Resolution, background: Colour) {
    this.core = core;
    this.size = size;
    this.#background = background;
    this.canvas = core.run(({ compositor }) => compositor.createCanvas(size.width, size.height));
    this.compose([]);
  }

  setBackground(background: Colour): void {
    const { r, g, b } = this.#background;
    if (background.r === r && background.g === g && background.b === b) return;
    this.#background = background;
    this.#drawn = undefined;
  }

  compose(layers: readonly Layer[]): void {
    const { canvas } = this;
    if (canvas === undefined) return;
    const wanted = layers.flatMap((layer) => drawable(layer) ?? []);
    const before = this.#drawn;
    if (before === undefined || !isSameArrangement(before, wanted)) {
      this.#fill(canvas);
      this.#overlapping = isOverlapping(wanted);
      for (const each of wanted) this.#draw(canvas, each);
    } else if (this.#overlapping) {
      for (const each of wanted) this.#draw(canvas, each);
    } else {
      for (const [index, each] of wanted.entries()) {
        if (!isSame(before[index], each)) this.#draw(canvas, each);
      }
    }
    this.#drawn = wanted;
  }

  close(): void {
    const { canvas } = this;
    this.canvas = undefined;
    if (canvas !== undefined) this.core.run(({ compositor }) => compositor.release(canvas));
  }

  #fill(canvas: Canvas): void {
    const whole = { x: 0, y: 0, ...this.size };
    const colour = yuvOf(this.#background);
    this.core.run(({ compositor }) => compositor.fill(canvas, whole, colour));
  }

  #draw(canvas: Canvas, { drawable: { picture }, tile }: Drawn): void {
    if (picture === undefined) return;
    this.core.run(({ compositor }) => compositor.draw(canvas, tile.destination, picture, tile.source));
  }
}

function drawable({ picture: from, tile }: Layer): Drawn | undefined {
  if (!(from instanceof WasmDecoder || from instanceof WasmStill)) return undefined;
  const { picture, serial } = from;
  if (picture === undefined || !isInside(tile.source, picture)) return undefined;
  return { drawable: from, serial, tile };
}

function isInside({ x, y, width, height }: Rectangle, outer: Resolution): boolean {
  return x + width <= outer.width && y + height <= outer.height;
}

function isSameArrangement(before: readonly Drawn[], now: readonly Drawn[]): boolean {
  return (
    before.length === now.length &&
    now.every(({ tile }, index) => isEqual(before[index]?.tile.destination, tile.destination))
  );
}

function isSame(before: Drawn | undefined, now: Drawn): boolean {
  return (
    before?.drawable === now.drawable &&
    before.serial === now.serial &&
    isEqual(before.tile.source, now.tile.source)
  );
}

function isEqual(one: Rectangle | undefined, other: Rectangle): boolean {
  return (
    one === other ||
    (one?.x === other.x && one.y === other.y && one.width === other.width && one.height === other.height)
  );
}

function isOverlapping(drawn: readonly Drawn[]): boolean {
  return drawn.some(({ tile: { destination: a } }, index) =>
    drawn
      .slice(index + 1)
      .some(
        ({ tile: { destination: b } }) =>
          a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height,
      ),
  );
}
