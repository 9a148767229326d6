// Owns a picture given once, in the engine.
import type { Resolution } from '../../../schemas/media.ts';
import type { Still } from '../engine.ts';
import type { NativeCore } from './native-core.ts';

export class NativeStill implements Still {
  readonly core: NativeCore;
  readonly size: Resolution;
  #id: number | undefined;

  constructor(core: NativeCore, size: Resolution, packed: Uint8Array) {
    this.core = core;
    this.size = size;
    this.#id = core.object((session, id) => session.openStill(id, size.width, size.height, packed));
  }

  /** Undefined when closed. */
  get id(): number | undefined {
    return this.#id;
  }

  close(): void {
    if (this.#id !== undefined) this.core.closeObject(this.#id);
    this.#id = undefined;
  }
}
