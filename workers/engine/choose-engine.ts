// Owns which of the engines at hand does a piece of work: the first in the configured order that can do all of it.
import type { VideoFormat } from '../../schemas/media.ts';
import type { EngineCapabilities, EngineId, MediaEngine } from './engine.ts';

export interface WantedEngine {
  /** As configured; engines that are not named are not taken. */
  readonly order: readonly EngineId[];
  readonly decode: readonly VideoFormat[];
  readonly encode: readonly VideoFormat[];
  /** The longest side of any picture made, in pixels. */
  readonly side: number;
}

/** Undefined when none of the named can do all that is wanted. */
export function chooseEngine(engines: readonly MediaEngine[], wanted: WantedEngine): MediaEngine | undefined {
  for (const id of wanted.order) {
    const engine = engines.find((candidate) => candidate.id === id && isEnough(candidate, wanted));
    if (engine !== undefined) return engine;
  }
  return undefined;
}

/** A format without a profile in `can` stands for all its profiles: each decoder of one reads constrained baseline. */
export function canDo(can: readonly VideoFormat[], { codec, profile }: VideoFormat): boolean {
  return can.some((each) => each.codec === codec && (each.profile === undefined || each.profile === profile));
}

function isEnough({ capabilities }: { capabilities: EngineCapabilities }, wanted: WantedEngine): boolean {
  return (
    wanted.side <= capabilities.maxSize &&
    wanted.decode.every((format) => canDo(capabilities.decode, format)) &&
    wanted.encode.every((format) => canDo(capabilities.encode, format))
  );
}
