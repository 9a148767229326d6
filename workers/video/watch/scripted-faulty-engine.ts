// Owns an engine for tests whose pictures become wrong when it is told so, and which says nothing of it: `wasm`, but for
// what it does to them.
import { readModule } from '../../../wasm/locate.ts';
import type {
  EngineSession,
  MediaEngine,
  VideoCanvas,
  VideoDecoder,
  VideoEncoder,
} from '../../engine/engine.ts';
import { WasmEngine } from '../../engine/wasm/wasm-engine.ts';

/**
 * `draws nothing`: the background alone. `draws the past`: what was there when it began. `gives one colour`: whatever is
 * tapped. `decodes something else`: the pictures that another decoder was given first. `encodes something else`: an
 * empty canvas. `encodes garbage`, `encodes nothing`, `ignores key frames`: of the encoders.
 */
export type PictureFault =
  | 'draws nothing'
  | 'draws the past'
  | 'gives one colour'
  | 'decodes something else'
  | 'encodes something else'
  | 'encodes garbage'
  | 'encodes nothing'
  | 'ignores key frames';

export class FaultyEngine implements MediaEngine {
  readonly id = 'vaapi';
  readonly capabilities;
  readonly worksApart = false;
  fault: PictureFault | undefined;
  /** Taps since it was opened. */
  taps = 0;
  readonly #engine: WasmEngine;

  private constructor(engine: WasmEngine) {
    this.#engine = engine;
    this.capabilities = engine.capabilities;
  }

  static async make(): Promise<FaultyEngine> {
    return new FaultyEngine(new WasmEngine(await readModule('video')));
  }

  async open(failed: Parameters<MediaEngine['open']>[0]): Promise<EngineSession> {
    const session = await this.#engine.open(failed);
    const has = (fault: PictureFault): boolean => this.fault === fault;
    const count = (): number => this.taps++;
    let foreign: Uint8Array | undefined;
    return {
      id: 'vaapi',
      backlog: 0,
      decoder: (options) => {
        const decoder: VideoDecoder = session.decoder(options);
        const decode = decoder.decode.bind(decoder);
        decoder.decode = (unit) => {
          if (unit.key) foreign ??= unit.data;
          const data = has('decodes something else') && unit.key ? foreign : unit.data;
          decode({ ...unit, data: data ?? unit.data });
        };
        return decoder;
      },
      canvas: (options) => {
        const canvas: VideoCanvas = session.canvas(options);
        const compose = canvas.compose.bind(canvas);
        canvas.compose = (layers) => {
          if (!has('draws the past')) compose(has('draws nothing') ? [] : layers);
        };
        return canvas;
      },
      still: (...given) => session.still(...given),
      encoder: (options) => {
        const blank = session.canvas({ size: options.size, background: { r: 0, g: 0, b: 0 } });
        const encoder: VideoEncoder = session.encoder({
          ...options,
          encoded: (unit) => {
            if (has('encodes nothing') && !unit.key)
              options.encoded({ ...unit, data: unit.data.slice(0, 10) });
            else if (has('encodes garbage'))
              options.encoded({ ...unit, data: unit.data.map((byte) => byte ^ 0x5a) });
            else options.encoded(unit);
          },
        });
        const encode = encoder.encode.bind(encoder);
        encoder.encode = (canvas, { atMs, key }) =>
          encode(has('encodes something else') ? blank : canvas, {
            atMs,
            key: key && !has('ignores key frames'),
          });
        return encoder;
      },
      tap: (picture, options) => {
        count();
        const tapped: typeof options.tapped = (data) =>
          options.tapped(has('gives one colour') ? data?.fill(90) : data);
        session.tap(picture, { ...options, tapped });
      },
      watch: (nowMs) => session.watch(nowMs),
      close: () => session.close(),
    };
  }
}
