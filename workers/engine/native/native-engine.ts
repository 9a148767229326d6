// Owns the engines of the native addon: this machine's own codec libraries (`cpu`) and its GPUs (`vaapi`, `qsv`). Each
// session is an engine thread. A device that does not begin is told as `failed` later, for that takes time.
import type { NativeAddon, NativeEngineId } from '../../../native/addon.ts';
import type { EngineCapabilities, EngineSession, EngineTrouble, EngineWork, MediaEngine } from '../engine.ts';
import { NativeCore } from './native-core.ts';
import { NativeEngineSession } from './native-engine-session.ts';

export interface NativeEngineOptions {
  readonly addon: NativeAddon;
  readonly id: NativeEngineId;
  /** The render node of a GPU. */
  readonly device?: string;
  /** Names of encoders that may be used, best first; without it the addon's own choice. */
  readonly encoders?: readonly string[];
  /** As probed: a device is asked in another process (`probe`). */
  readonly capabilities: EngineCapabilities;
}

/** What takes so long does not end: a GPU's driver hangs. A processor may just have much to do. */
const patienceMs = { cpu: 2000, vaapi: 300, qsv: 300 } as const;

export class NativeEngine implements MediaEngine {
  readonly id: NativeEngineId;
  readonly capabilities: EngineCapabilities;
  readonly worksApart = true;
  readonly #options: NativeEngineOptions;

  constructor(options: NativeEngineOptions) {
    this.id = options.id;
    this.capabilities = options.capabilities;
    this.#options = options;
  }

  async open(
    failed: (reason: string, trouble: EngineTrouble) => void,
    worked: (work: EngineWork, ms: number) => void = () => undefined,
  ): Promise<EngineSession> {
    const { addon, id, device, encoders } = this.#options;
    const session = {
      engine: id,
      ...(device === undefined ? {} : { device }),
      ...(encoders === undefined ? {} : { encoders }),
    };
    const core = new NativeCore({ addon, session, patienceMs: patienceMs[id], failed, worked });
    return new NativeEngineSession(id, core);
  }
}
