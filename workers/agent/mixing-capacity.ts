// Owns what a worker tells the cluster of its engines (spec cluster §5): what one or another of them can do. Pure.
import { formatText } from '../../schemas/format-text.ts';
import type { VideoFormat } from '../../schemas/media.ts';
import type { Capacity } from '../../schemas/worker.ts';
import { canDo } from '../engine/choose-engine.ts';
import type { EngineCapabilities } from '../engine/engine.ts';
import type { EngineChoice } from '../engine/engine-choice.ts';
import { wasmCapabilities } from '../engine/wasm/wasm-capabilities.ts';

/**
 * `engines`: best first; `wasm`, which every worker has, stands last where it is not among them. A mixer runs on one engine,
 * so what `wasm` cannot do counts only of those that can do all that it can: one output must not cost another.
 */
export function mixingCapacity(
  engines: readonly EngineChoice[],
): Required<Pick<Capacity, 'video' | 'engines' | 'byEngine'>> {
  const ids = new Set([...engines.map(({ id }) => id), 'wasm' as const]);
  const capabilities = [...engines.map((each) => each.capabilities).filter(isWhole), wasmCapabilities];
  const texts = (formats: readonly VideoFormat[]): string[] => [...new Set(formats.map(formatText))];
  const capabilitiesOf = (id: EngineChoice['id']): EngineCapabilities =>
    engines.find((each) => each.id === id)?.capabilities ?? wasmCapabilities;
  return {
    video: {
      decode: texts(capabilities.flatMap(({ decode }) => decode)),
      encode: texts(capabilities.flatMap(({ encode }) => encode)),
    },
    engines: [...ids],
    byEngine: [...ids].map((engine) => {
      const { decode, encode } = capabilitiesOf(engine);
      return { engine, decode: texts(decode), encode: texts(encode) };
    }),
  };
}

function isWhole({ decode, encode }: EngineCapabilities): boolean {
  return (
    wasmCapabilities.decode.every((format) => canDo(decode, format)) &&
    wasmCapabilities.encode.every((format) => canDo(encode, format))
  );
}
