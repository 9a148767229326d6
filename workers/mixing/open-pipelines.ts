// Owns putting real pipelines together in a mixing thread: compiled modules in, pipelines out.
import { loadAudio } from '../../wasm/audio.ts';
import { createAudioPipeline } from '../audio/audio-pipeline.ts';
import { WasmEngine } from '../engine/wasm/wasm-engine.ts';
import { createVideoPipeline } from '../video/video-pipeline.ts';
import type { ThreadData } from './messages.ts';
import type { ThreadHostOptions } from './thread-host.ts';

/** Each pipeline has an instance of its module to itself: one that breaks takes no other with it. */
export function openPipelines(
  modules: ThreadData['modules'],
): Pick<ThreadHostOptions, 'openVideo' | 'openAudio'> {
  const measure = (): number => performance.now();
  return {
    openVideo: (out) => createVideoPipeline({ engine: new WasmEngine(modules.video), out, measure }),
    openAudio: async (out) => createAudioPipeline({ audio: await loadAudio(modules.audio), out, measure }),
  };
}
