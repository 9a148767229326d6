// Owns the engine that runs everywhere: our codecs and compositor as WebAssembly, one instance for each session, in the
// thread that calls. Where the module's bytes come from is for who starts it.
import type { ModuleSource } from '../../../wasm/loader.ts';
import { loadVideo } from '../../../wasm/video.ts';
import type { EngineSession, EngineTrouble, MediaEngine } from '../engine.ts';
import { wasmCapabilities } from './wasm-capabilities.ts';
import { WasmCore } from './wasm-core.ts';
import { WasmSession } from './wasm-session.ts';

export class WasmEngine implements MediaEngine {
  readonly id = 'wasm';
  readonly capabilities = wasmCapabilities;
  readonly worksApart = false;
  readonly #source: ModuleSource;

  /** `source`: the video module (`readModule('video')`), best compiled once for all threads. */
  constructor(source: ModuleSource) {
    this.#source = source;
  }

  async open(failed: (reason: string, trouble: EngineTrouble) => void): Promise<EngineSession> {
    return new WasmSession(new WasmCore(await loadVideo(this.#source), failed));
  }
}
