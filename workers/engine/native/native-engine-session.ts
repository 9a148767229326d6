// Owns what one session of the addon offers as an engine session.
import type { Resolution } from '../../../schemas/media.ts';
import type {
  Colour,
  EngineId,
  EngineSession,
  Still,
  TapOptions,
  VideoCanvas,
  VideoDecoder,
  VideoEncoder,
} from '../engine.ts';
import { isTappable } from '../tappable.ts';
import { NativeCanvas } from './native-canvas.ts';
import type { NativeCore } from './native-core.ts';
import { NativeDecoder, type NativeDecoderOptions } from './native-decoder.ts';
import { NativeEncoder, type NativeEncoderOptions } from './native-encoder.ts';
import { NativeStill } from './native-still.ts';

export class NativeEngineSession implements EngineSession {
  readonly id: EngineId;
  readonly #core: NativeCore;

  constructor(id: EngineId, core: NativeCore) {
    this.id = id;
    this.#core = core;
  }

  get backlog(): number {
    return this.#core.backlog;
  }

  decoder(options: NativeDecoderOptions): VideoDecoder {
    return new NativeDecoder(this.#core, options);
  }

  canvas(options: { readonly size: Resolution; readonly background: Colour }): VideoCanvas {
    return new NativeCanvas(this.#core, options.size, options.background);
  }

  still(size: Resolution, packed: Uint8Array): Still {
    return new NativeStill(this.#core, size, packed);
  }

  encoder(options: NativeEncoderOptions): VideoEncoder {
    return new NativeEncoder(this.#core, options);
  }

  tap(picture: VideoDecoder | Still | VideoCanvas, options: TapOptions): void {
    const isOld = picture instanceof NativeCanvas && !picture.isDrawn;
    const id = !isOld && isNative(picture) && picture.core === this.#core ? picture.id : undefined;
    if (id !== undefined && isTappable(options.size)) this.#core.tap(id, options);
    else if (this.#core.isSound) options.tapped(undefined);
  }

  watch(nowMs: number): void {
    this.#core.watch(nowMs);
  }

  close(): void {
    this.#core.close();
  }
}

function isNative(
  picture: VideoDecoder | Still | VideoCanvas,
): picture is NativeDecoder | NativeStill | NativeCanvas {
  return (
    picture instanceof NativeDecoder || picture instanceof NativeStill || picture instanceof NativeCanvas
  );
}
