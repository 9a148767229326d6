// Owns what a calm video mixer tells of itself, for tests.
import type { VideoMixerStats } from '../../../schemas/worker.ts';

/** A mixer that makes 29 of 30 pictures a second in 10 ms each, but for what `over` says. */
export function videoStats(over: Partial<VideoMixerStats> = {}): VideoMixerStats {
  return {
    kind: 'video',
    id: 'm',
    engine: 'wasm',
    rebuilds: 0,
    fallbacks: 0,
    framerate: { wanted: 30, made: 29, limit: 30 },
    decodeMs: { p50: 1, p99: 2 },
    composeMs: { p50: 3, p99: 4 },
    encodeMs: { p50: 6, p99: 10 },
    addedMs: { p50: 0, p99: 0 },
    inputs: [],
    outputs: [],
    ...over,
  };
}
