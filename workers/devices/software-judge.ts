// Owns judging what engines make by the engine that is the same everywhere, `wasm`: inputs to give them, and how far what
// they make is from what `wasm` makes of the same.
import type { VideoFormat } from '../../schemas/media.ts';
import { H264Decoder } from '../../wasm/h264-decoder.ts';
import type { ModuleSource } from '../../wasm/loader.ts';
import { copyPicture } from '../../wasm/picture.ts';
import { loadVideo, type Video } from '../../wasm/video.ts';
import { VpxDecoder } from '../../wasm/vpx-decoder.ts';
import { canDo } from '../engine/choose-engine.ts';
import type { AccessUnit } from '../engine/engine.ts';
import { wasmCapabilities } from '../engine/wasm/wasm-capabilities.ts';
import { WasmEngine } from '../engine/wasm/wasm-engine.ts';
import { encodeInput, type SceneInput } from './scene-input.ts';
import { runScene, type Stopwatch } from './scene-run.ts';
import { psnrOf } from './test-scene.ts';

/** H.264, which all of them know if they know anything. */
export const plainFormat: VideoFormat = { codec: 'h264' };

export class SoftwareJudge {
  /** The plain input. */
  readonly input: SceneInput;
  readonly #video: Video;
  readonly #engine: WasmEngine;
  /** What `wasm` makes of it, packed. */
  readonly #wanted: readonly Uint8Array[];

  private constructor(
    video: Video,
    engine: WasmEngine,
    input: SceneInput,
    made: readonly (AccessUnit | undefined)[],
  ) {
    this.#video = video;
    this.#engine = engine;
    this.input = input;
    this.#wanted = picturesOf(video, plainFormat, made).map((picture) => picture ?? new Uint8Array());
  }

  /** `source`: the video module. `pictures`: how many the scene has. */
  static async open(source: ModuleSource, pictures: number, watch: Stopwatch): Promise<SoftwareJudge> {
    const engine = new WasmEngine(source);
    const input = await encodeInput(engine, plainFormat, pictures);
    const { units } = await runScene(engine, input, plainFormat, watch);
    return new SoftwareJudge(await loadVideo(source), engine, input, units);
  }

  canSee(format: VideoFormat): boolean {
    return canDo(wasmCapabilities.decode, format);
  }

  /** The same scene in another format; undefined when `wasm` does not make that. */
  async inputIn(format: VideoFormat, pictures: number): Promise<SceneInput | undefined> {
    return canDo(wasmCapabilities.encode, format) ? encodeInput(this.#engine, format, pictures) : undefined;
  }

  /** PSNR of the worst picture in dB; 0 when one cannot be decoded, or more than a quarter are missing. */
  judge(format: VideoFormat, units: readonly (AccessUnit | undefined)[]): number {
    const seen = picturesOf(this.#video, format, units);
    const missing = seen.filter((picture, at) => picture === undefined && units[at] === undefined).length;
    if (seen.length === 0 || missing > seen.length / 4) return 0;
    const shares = seen.flatMap((picture, at) =>
      units[at] === undefined
        ? []
        : [psnrOf(picture ?? new Uint8Array(), this.#wanted[at] ?? new Uint8Array())],
    );
    return Math.min(...shares);
  }
}

/** Packed; undefined where there was no unit or it cannot be decoded. */
function picturesOf(
  video: Video,
  { codec }: VideoFormat,
  units: readonly (AccessUnit | undefined)[],
): readonly (Uint8Array | undefined)[] {
  const decoder = codec === 'vp8' || codec === 'vp9' ? new VpxDecoder(video, codec) : new H264Decoder(video);
  const pictures = units.map((unit) => {
    const decoded = unit && decoder.decode(unit.data);
    return decoded?.kind === 'picture' ? copyPicture(video, decoded.picture) : undefined;
  });
  decoder.close();
  return pictures;
}
