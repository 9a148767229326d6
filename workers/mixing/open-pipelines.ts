// Owns putting real pipelines together in a mixing thread: compiled modules and the choice of an engine in, pipelines out.
import { loadAddon } from '../../native/load-addon.ts';
import { loadAudio } from '../../wasm/audio.ts';
import { createAudioPipeline } from '../audio/audio-pipeline.ts';
import type { MediaEngine } from '../engine/engine.ts';
import type { EngineChoice } from '../engine/engine-choice.ts';
import { EngineFailure } from '../engine/engine-failure.ts';
import { NativeEngine } from '../engine/native/native-engine.ts';
import { WasmEngine } from '../engine/wasm/wasm-engine.ts';
import { createVideoPipeline } from '../video/video-pipeline.ts';
import type { ThreadData } from './messages.ts';
import type { ThreadHostOptions } from './thread-host.ts';

/** Each pipeline has an instance of its module, or a session of the addon, to itself: one that breaks takes no other with it. */
export function openPipelines({
  modules,
  nativeFolder,
}: Pick<ThreadData, 'modules' | 'nativeFolder'>): Pick<ThreadHostOptions, 'openVideo' | 'openAudio'> {
  const measure = (): number => performance.now();
  return {
    openVideo: async (out, choice) => {
      const engine = engineOf(choice, modules.video, nativeFolder);
      return createVideoPipeline({ engine, out, measure });
    },
    openAudio: async (out) => createAudioPipeline({ audio: await loadAudio(modules.audio), out, measure }),
  };
}

/** Throws EngineFailure where it is not at hand. */
function engineOf(
  choice: EngineChoice | undefined,
  video: WebAssembly.Module,
  nativeFolder: string | undefined,
): MediaEngine {
  if (choice === undefined || choice.id === 'wasm') return new WasmEngine(video);
  const { id, device, capabilities } = choice;
  const loaded = loadAddon(nativeFolder);
  if (loaded.addon === undefined) throw new EngineFailure(id, loaded.reason);
  return new NativeEngine({
    addon: loaded.addon,
    id,
    capabilities,
    ...(device === undefined ? {} : { device }),
  });
}
