// Owns what one instance of the video module offers as an engine session.
import type { Resolution } from '../../../schemas/media.ts';
import type {
  Colour,
  EngineSession,
  Still,
  TapOptions,
  VideoCanvas,
  VideoDecoder,
  VideoEncoder,
} from '../engine.ts';
import { WasmCanvas } from './wasm-canvas.ts';
import type { WasmCore } from './wasm-core.ts';
import { WasmDecoder, type WasmDecoderOptions } from './wasm-decoder.ts';
import { WasmEncoder, type WasmEncoderOptions } from './wasm-encoder.ts';
import { WasmStill } from './wasm-still.ts';
import { tapPicture } from './wasm-tap.ts';

export class WasmSession implements EngineSession {
  readonly id = 'wasm';
  readonly backlog = 0;
  readonly #core: WasmCore;

  constructor(core: WasmCore) {
    this.#core = core;
  }

  decoder(options: WasmDecoderOptions): VideoDecoder {
    return new WasmDecoder(this.#core, options);
  }

  canvas(options: { readonly size: Resolution; readonly background: Colour }): VideoCanvas {
    return new WasmCanvas(this.#core, options.size, options.background);
  }

  still(size: Resolution, packed: Uint8Array): Still {
    return new WasmStill(this.#core, size, packed);
  }

  encoder(options: WasmEncoderOptions): VideoEncoder {
    return new WasmEncoder(this.#core, options);
  }

  tap(picture: VideoDecoder | Still | VideoCanvas, options: TapOptions): void {
    tapPicture(this.#core, picture, options);
  }

  watch(): void {
    // What stands still here stands still with its thread, which others watch.
  }

  close(): void {
    this.#core.close();
  }
}
