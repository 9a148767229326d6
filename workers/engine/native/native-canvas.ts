// Owns a picture that the engine draws on. What is the same as the last time is left to the engine, which knows when a
// decoder has another picture.
import type { Resolution } from '../../../schemas/media.ts';
import type { Colour, Layer, VideoCanvas } from '../engine.ts';
import type { NativeCore } from './native-core.ts';
import { NativeDecoder } from './native-decoder.ts';
import { NativeStill } from './native-still.ts';

/** As many as the engine takes. */
const maxLayers = 256;

export class NativeCanvas implements VideoCanvas {
  readonly core: NativeCore;
  readonly size: Resolution;
  #id: number | undefined;
  #background: number;
  #isDrawn = false;

  constructor(core: NativeCore, size: Resolution, background: Colour) {
    this.core = core;
    this.size = size;
    this.#background = numberOf(background);
    this.#id = core.object((session, id) => session.openCanvas(id, size.width, size.height));
    this.compose([]);
  }

  /** Undefined when closed. */
  get id(): number | undefined {
    return this.#id;
  }

  /** Shows what it was last told to: a full queue may not have taken that. */
  get isDrawn(): boolean {
    return this.#isDrawn;
  }

  setBackground(background: Colour): void {
    this.#background = numberOf(background);
  }

  compose(layers: readonly Layer[]): void {
    const id = this.#id;
    if (id === undefined) return;
    const numbers = Int32Array.from(layers.slice(0, maxLayers).flatMap((layer) => this.#numbersOf(layer)));
    this.#isDrawn = this.core.post((session) => session.compose(id, this.#background, numbers));
  }

  close(): void {
    if (this.#id !== undefined) this.core.closeObject(this.#id);
    this.#id = undefined;
  }

  /** Nine of them; none where there is nothing to draw. */
  #numbersOf({ picture, tile: { source, destination } }: Layer): readonly number[] {
    if (!(picture instanceof NativeDecoder || picture instanceof NativeStill)) return [];
    const { id, size } = picture;
    if (picture.core !== this.core || id === undefined || size === undefined) return [];
    return [id, source, destination].flatMap((each) =>
      typeof each === 'number' ? each : [each.x, each.y, each.width, each.height],
    );
  }
}

function numberOf({ r, g, b }: Colour): number {
  return (r << 16) | (g << 8) | b;
}
