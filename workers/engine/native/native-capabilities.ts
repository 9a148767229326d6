// Owns what a probe says of an engine, as rooms ask for it.
import type { NativeCapability, NativeProbe } from '../../../native/addon.ts';
import type { VideoFormat } from '../../../schemas/media.ts';
import type { EngineCapabilities } from '../engine.ts';

/** Each codec once: decoders read every profile that is sent here, encoders make constrained baseline of H.264. */
export function nativeCapabilities({ decode, encode, maxSide }: NativeProbe): EngineCapabilities {
  return { decode: formats(decode), encode: formats(encode), maxSize: maxSide };
}

function formats(capabilities: readonly NativeCapability[]): readonly VideoFormat[] {
  return [...new Set(capabilities.map(({ codec }) => codec))].map((codec) => ({ codec }));
}
