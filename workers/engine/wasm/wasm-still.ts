// Owns a picture given once, in the memory of an instance.
import type { Resolution } from '../../../schemas/media.ts';
import { type Canvas, type Picture, pictureOf, writeCanvas } from '../../../wasm/picture.ts';
import type { Still } from '../engine.ts';
import type { Drawable } from './drawable.ts';
import type { WasmCore } from './wasm-core.ts';

export class WasmStill implements Still, Drawable {
  readonly size: Resolution;
  readonly serial = 0;
  readonly core: WasmCore;
  #canvas: Canvas | undefined;

  constructor(core: WasmCore, size: Resolution, packed: Uint8Array) {
    this.core = core;
    this.size = size;
    this.#canvas = core.run(({ video, compositor }) => {
      const canvas = compositor.createCanvas(size.width, size.height);
      writeCanvas(video, canvas, packed);
      return canvas;
    });
  }

  get picture(): Picture | undefined {
    return this.#canvas === undefined ? undefined : pictureOf(this.#canvas);
  }

  close(): void {
    const canvas = this.#canvas;
    this.#canvas = undefined;
    if (canvas !== undefined) this.core.run(({ compositor }) => compositor.release(canvas));
  }
}
