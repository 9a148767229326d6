// Owns a picture given once, in the engine. What its full queue does not take is given again when it is to be drawn.
import type { Resolution } from '../../../schemas/media.ts';
import type { Still } from '../engine.ts';
import type { NativeCore } from './native-core.ts';

export class NativeStill implements Still {
  readonly core: NativeCore;
  readonly size: Resolution;
  #id: number | undefined;
  /** Until it is taken. */
  #packed: Uint8Array | undefined;

  constructor(core: NativeCore, size: Resolution, packed: Uint8Array) {
    this.core = core;
    this.size = size;
    this.#packed = packed;
    this.#give();
  }

  /** Undefined when closed, or not taken yet. */
  get id(): number | undefined {
    this.#give();
    return this.#id;
  }

  close(): void {
    if (this.#id !== undefined) this.core.closeObject(this.#id);
    this.#id = undefined;
    this.#packed = undefined;
  }

  #give(): void {
    const packed = this.#packed;
    if (packed === undefined) return;
    const { width, height } = this.size;
    this.#id = this.core.object((session, id) => session.openStill(id, width, height, packed));
    if (this.#id !== undefined) this.#packed = undefined;
  }
}
