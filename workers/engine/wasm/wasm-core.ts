// Owns one instance of the video module and whether it is still sound. All work in the instance goes through `run`: what
// breaks in there becomes `failed`, once, and nothing runs after it.
import { Compositor } from '../../../wasm/compositor.ts';
import type { Video } from '../../../wasm/video.ts';
import type { EngineTrouble, VideoDecoder } from '../engine.ts';

export class WasmCore {
  readonly video: Video;
  readonly compositor: Compositor;
  readonly #failed: (reason: string, trouble: EngineTrouble) => void;
  #state: 'sound' | 'broken' | 'closed' = 'sound';

  constructor(video: Video, failed: (reason: string, trouble: EngineTrouble) => void) {
    this.video = video;
    this.compositor = new Compositor(video);
    this.#failed = failed;
  }

  get isSound(): boolean {
    return this.#state === 'sound';
  }

  /**
   * What `work` gives; undefined when the instance is broken or closed, or breaks meanwhile. `decoder`: whose stream is
   * decoded in it.
   */
  run<Result>(work: (core: WasmCore) => Result, decoder?: VideoDecoder): Result | undefined {
    if (this.#state !== 'sound') return undefined;
    try {
      return work(this);
    } catch (error) {
      this.#state = 'broken';
      this.#failed(error instanceof Error ? `${error.name}: ${error.message}` : 'broken', {
        scope: 'session',
        ...(decoder && { decoder }),
      });
      return undefined;
    }
  }

  /** The memory goes with the instance, so nothing in it is freed. */
  close(): void {
    this.#state = 'closed';
  }
}
