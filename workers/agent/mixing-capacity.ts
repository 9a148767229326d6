// Owns what a worker tells the cluster of its engines (spec cluster §5): what one or another of them can do. Pure.
import { formatText } from '../../schemas/format-text.ts';
import type { VideoFormat } from '../../schemas/media.ts';
import type { Capacity } from '../../schemas/worker.ts';
import type { EngineChoice } from '../engine/engine-choice.ts';
import { wasmCapabilities } from '../engine/wasm/wasm-capabilities.ts';

/** `engines`: best first; `wasm`, which every worker has, stands last where it is not among them. */
export function mixingCapacity(
  engines: readonly EngineChoice[],
): Required<Pick<Capacity, 'video' | 'engines'>> {
  const ids = new Set([...engines.map(({ id }) => id), 'wasm' as const]);
  const capabilities = [...engines.map((each) => each.capabilities), wasmCapabilities];
  const texts = (formats: readonly VideoFormat[]): string[] => [...new Set(formats.map(formatText))];
  return {
    video: {
      decode: texts(capabilities.flatMap(({ decode }) => decode)),
      encode: texts(capabilities.flatMap(({ encode }) => encode)),
    },
    engines: [...ids],
  };
}
