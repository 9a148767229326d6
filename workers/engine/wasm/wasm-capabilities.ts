// Owns what the WebAssembly engine can decode and encode; apart from it, for who only needs to know.
import type { EngineCapabilities } from '../engine.ts';

export const wasmCapabilities: EngineCapabilities = {
  decode: [{ codec: 'h264' }, { codec: 'vp8' }, { codec: 'vp9' }],
  // What is encoded is constrained baseline, which decoders of every profile read.
  encode: [{ codec: 'h264' }, { codec: 'vp8' }, { codec: 'vp9' }],
  maxSize: 4096,
};
