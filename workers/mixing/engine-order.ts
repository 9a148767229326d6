// Owns which engine the next video pipeline of this worker begins on: the configured order, without those that failed of
// late, and always one that runs everywhere in the end.
import type { VideoFormat } from '../../schemas/media.ts';
import type { DesiredVideoMixer } from '../../schemas/worker.ts';
import { canDo } from '../engine/choose-engine.ts';
import type { EngineChoice } from '../engine/engine-choice.ts';
import { wasmCapabilities } from '../engine/wasm/wasm-capabilities.ts';
import { CircuitBreaker } from './circuit-breaker.ts';

const { decode, encode, maxSize } = wasmCapabilities;
const lastResort: EngineChoice = {
  id: 'wasm',
  capabilities: { decode: [...decode], encode: [...encode], maxSize },
};

interface Ranked {
  readonly choice: EngineChoice;
  readonly breaker: CircuitBreaker;
}

export class EngineOrder {
  readonly #ranked: readonly Ranked[];

  /** Best first; `wasm` comes last where it is not named. */
  constructor(choices: readonly EngineChoice[]) {
    const all = choices.some(({ id }) => id === 'wasm') ? choices : [...choices, lastResort];
    this.#ranked = all.map((choice) => ({ choice, breaker: new CircuitBreaker() }));
  }

  /** The first that can do most of what the mixer needs; `wasm` is never passed over for failures. */
  choose(settings: DesiredVideoMixer, nowMs: number): EngineChoice {
    let best = lastResort;
    let most = -1;
    for (const { choice, breaker } of this.#ranked) {
      if (choice.id !== 'wasm' && !breaker.allows(nowMs)) continue;
      const done = doable(choice, settings);
      if (done <= most) continue;
      best = choice;
      most = done;
    }
    return best;
  }

  /** Whether another engine can do something that the mixer needs and `current` cannot. */
  isBetter(than: EngineChoice, settings: DesiredVideoMixer, nowMs: number): boolean {
    return doable(this.choose(settings, nowMs), settings) > doable(than, settings);
  }

  begun(choice: EngineChoice, nowMs: number): void {
    this.#breaker(choice)?.begun(nowMs);
  }

  worked(choice: EngineChoice): void {
    this.#breaker(choice)?.worked();
  }

  failed(choice: EngineChoice, nowMs: number): void {
    this.#breaker(choice)?.failed(nowMs);
  }

  #breaker(choice: EngineChoice): CircuitBreaker | undefined {
    return this.#ranked.find((ranked) => ranked.choice === choice)?.breaker;
  }
}

/** How many of the mixer's inputs and outputs an engine can do. */
function doable({ capabilities }: EngineChoice, { inputs, outputs }: DesiredVideoMixer): number {
  const decodes = (format: VideoFormat): boolean => canDo(capabilities.decode, { codec: format.codec });
  const seen = inputs.filter(({ layers }) => layers.some(({ format }) => decodes(format)));
  const made = outputs.filter(({ format, resolution }) => {
    const side = Math.max(resolution?.width ?? 0, resolution?.height ?? 0);
    return side <= capabilities.maxSize && canDo(capabilities.encode, format);
  });
  return seen.length + made.length;
}
