// Owns one encoder of a session: what is on a canvas in, encoded units out, later.
import type { Resolution, VideoFormat } from '../../../schemas/media.ts';
import type { EncodedUnit, VideoCanvas, VideoEncoder } from '../engine.ts';
import { NativeCanvas } from './native-canvas.ts';
import type { EncoderEvent, NativeCore } from './native-core.ts';

export interface NativeEncoderOptions {
  readonly format: VideoFormat;
  readonly size: Resolution;
  readonly framerate: number;
  readonly bitrateKbps: number;
  readonly encoded: (unit: EncodedUnit) => void;
  readonly skipped?: (atMs: number) => void;
}

export class NativeEncoder implements VideoEncoder {
  readonly size: Resolution;
  readonly #core: NativeCore;
  readonly #options: NativeEncoderOptions;
  #id: number | undefined;

  constructor(core: NativeCore, options: NativeEncoderOptions) {
    this.#core = core;
    this.#options = options;
    this.size = options.size;
    const { format, size, framerate, bitrateKbps } = options;
    this.#id = core.object((session, id) =>
      session.openEncoder(id, { codec: format.codec, ...size, framerate, bitrateKbps }),
    );
    if (this.#id !== undefined) core.hearEncoder(this.#id, (event) => this.#hear(event));
  }

  encode(canvas: VideoCanvas, { atMs, key }: { readonly atMs: number; readonly key: boolean }): void {
    const id = this.#id;
    if (id === undefined || !(canvas instanceof NativeCanvas) || canvas.core !== this.#core) return;
    const { id: from } = canvas;
    if (from === undefined) return;
    if (!this.#core.post((session) => session.encode(id, from, atMs, key))) this.#options.skipped?.(atMs);
  }

  setRate({ bitrateKbps, framerate }: { readonly bitrateKbps: number; readonly framerate: number }): void {
    const id = this.#id;
    if (id !== undefined) this.#core.post((session) => session.setRate(id, bitrateKbps, framerate));
  }

  close(): void {
    if (this.#id !== undefined) this.#core.closeObject(this.#id);
    this.#id = undefined;
  }

  #hear(event: EncoderEvent): void {
    const { atMs } = event;
    if (event.type === 'encoded') this.#options.encoded({ data: event.data, key: event.key, atMs });
    else this.#options.skipped?.(atMs);
  }
}
