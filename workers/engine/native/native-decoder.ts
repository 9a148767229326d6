// Owns one decoder of a session: units in, what its latest picture is out. A unit that the full queue did not take is lost
// as one on the network is.
import type { Resolution, VideoFormat } from '../../../schemas/media.ts';
import type { AccessUnit, VideoDecoder } from '../engine.ts';
import type { DecoderEvent, NativeCore } from './native-core.ts';

export interface NativeDecoderOptions {
  readonly format: VideoFormat;
  readonly pictured: (timestamp: number) => void;
  readonly broken: () => void;
}

export class NativeDecoder implements VideoDecoder {
  readonly core: NativeCore;
  readonly #options: NativeDecoderOptions;
  #id: number | undefined;
  #size: Resolution | undefined;
  /** A unit was lost before it came to the engine. */
  #needsKey = false;

  constructor(core: NativeCore, options: NativeDecoderOptions) {
    this.core = core;
    this.#options = options;
    const { codec } = options.format;
    this.#id = core.object((session, id) => session.openDecoder(id, codec));
    if (this.#id !== undefined) core.hearDecoder(this.#id, (event) => this.#hear(event));
  }

  /** Undefined when closed. */
  get id(): number | undefined {
    return this.#id;
  }

  get size(): Resolution | undefined {
    return this.#size;
  }

  decode({ data, key, timestamp }: AccessUnit): void {
    const id = this.#id;
    if (id === undefined) return;
    const isTaken =
      (key || !this.#needsKey) && this.core.post((session) => session.decode(id, data, timestamp, key), this);
    if (isTaken) this.#needsKey = false;
    else if (this.core.isSound) {
      this.#needsKey = true;
      this.#options.broken();
    }
  }

  close(): void {
    if (this.#id !== undefined) this.core.closeObject(this.#id);
    this.#id = undefined;
    this.#size = undefined;
  }

  #hear(event: DecoderEvent): void {
    if (event.type === 'broken') {
      this.#options.broken();
      return;
    }
    const { width, height, timestamp } = event;
    const { decoder } = event;
    // From now on layers are of this size.
    if (this.#size?.width !== width || this.#size.height !== height)
      this.core.post((session) => session.resized(decoder, width, height));
    this.#size = { width, height };
    this.#options.pictured(timestamp);
  }
}
