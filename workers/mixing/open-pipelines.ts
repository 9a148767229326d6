// Owns putting real pipelines together in a mixing thread: compiled modules and the choice of an engine in, pipelines out.
import { loadAddon } from '../../native/load-addon.ts';
import { loadAudio } from '../../wasm/audio.ts';
import { createAudioPipeline } from '../audio/audio-pipeline.ts';
import { canDo } from '../engine/choose-engine.ts';
import type { MediaEngine } from '../engine/engine.ts';
import type { EngineChoice } from '../engine/engine-choice.ts';
import { EngineFailure } from '../engine/engine-failure.ts';
import { nativeCapabilities } from '../engine/native/native-capabilities.ts';
import { NativeEngine } from '../engine/native/native-engine.ts';
import { wasmCapabilities } from '../engine/wasm/wasm-capabilities.ts';
import { WasmEngine } from '../engine/wasm/wasm-engine.ts';
import { createVideoPipeline } from '../video/video-pipeline.ts';
import type { ThreadData } from './messages.ts';
import type { ThreadHostOptions } from './thread-host.ts';

/** Each pipeline has an instance of its module, or a session of the addon, to itself: one that breaks takes no other with it. */
export function openPipelines({
  modules,
  nativeFolder,
  usesAddon,
}: Pick<ThreadData, 'modules' | 'nativeFolder' | 'usesAddon'>): Pick<
  ThreadHostOptions,
  'openVideo' | 'openAudio'
> {
  // While it waits: a view that falls from its device has no time for the loading of libraries.
  if (usesAddon) loadAddon(nativeFolder);
  const measure = (): number => performance.now();
  return {
    openVideo: async (out, choice) => {
      const engine = engineOf(choice, modules.video, nativeFolder);
      const judges = judgesOf(choice, modules.video, nativeFolder);
      return createVideoPipeline({ engine, out, measure, ...(judges && { judges }) });
    },
    openAudio: async (out) => createAudioPipeline({ audio: await loadAudio(modules.audio), out, measure }),
  };
}

/** Devices may make wrong pictures and say nothing: software watches them, what is cheapest first. */
function judgesOf(
  choice: EngineChoice | undefined,
  video: WebAssembly.Module,
  nativeFolder: string | undefined,
): readonly MediaEngine[] | undefined {
  if (choice?.device === undefined) return undefined;
  const { addon } = loadAddon(nativeFolder);
  if (addon === undefined) return [new WasmEngine(video)];
  const capabilities = nativeCapabilities(addon.probe({ engine: 'cpu' }));
  const cpu = new NativeEngine({ addon, id: 'cpu', capabilities });
  const isEnough = wasmCapabilities.decode.every((format) => canDo(capabilities.decode, format));
  return isEnough ? [cpu] : [cpu, new WasmEngine(video)];
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
