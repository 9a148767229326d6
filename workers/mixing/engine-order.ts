// Owns which engine the next video pipeline of this worker begins on: the configured order, without those that failed of
// late, and always one that runs everywhere in the end.
import type { VideoFormat } from '../../schemas/media.ts';
import type { DesiredVideoMixer } from '../../schemas/worker.ts';
import { canDo } from '../engine/choose-engine.ts';
import type { EngineChoice } from '../engine/engine-choice.ts';
import { wasmCapabilities } from '../engine/wasm/wasm-capabilities.ts';
import { CircuitBreaker } from './circuit-breaker.ts';
import type { DeviceBudget } from './device-budget.ts';

const { decode, encode, maxSize } = wasmCapabilities;
const lastResort: EngineChoice = {
  id: 'wasm',
  capabilities: { decode: [...decode], encode: [...encode], maxSize },
};

interface Ranked {
  readonly choice: EngineChoice;
  readonly breaker: CircuitBreaker;
}

/** Mixers that return do so one after the other. */
const betweenReturnsMs = 2000;

/** Engines that a mixer has reasons of its own against. */
export type Avoids = (choice: EngineChoice) => boolean;

const none: Avoids = () => false;

export class EngineOrder {
  /** Of the worker's device, where it has one. */
  readonly budget: DeviceBudget | undefined;
  readonly #ranked: readonly Ranked[];
  #returnedMs = -Infinity;

  /** Best first; `wasm` comes last where it is not named. */
  constructor(choices: readonly EngineChoice[], budget?: DeviceBudget) {
    this.budget = budget;
    const all = choices.some(({ id }) => id === 'wasm') ? choices : [...choices, lastResort];
    this.#ranked = all.map((choice) => ({ choice, breaker: new CircuitBreaker() }));
  }

  /**
   * The first that can do most of what the mixer needs; `wasm` is never passed over for failures, devices are where they have
   * no room for `mixer`, which stands for it in the budget. Where the room has an order of its own that one counts, and
   * there may be none.
   */
  choose(
    settings: DesiredVideoMixer,
    nowMs: number,
    mixer: object = settings,
    avoids: Avoids = none,
  ): EngineChoice | undefined {
    let best = settings.engines === undefined ? lastResort : undefined;
    let most = -1;
    for (const { choice, breaker } of this.#allowed(settings)) {
      if (choice.id !== 'wasm' && (!breaker.allows(nowMs) || avoids(choice))) continue;
      if (choice.device !== undefined && this.budget?.admits(mixer, settings) === false) continue;
      const done = doable(choice, settings);
      if (done <= most) continue;
      best = choice;
      most = done;
    }
    return best;
  }

  /** Whether an engine that was chosen comes before `than` in the order that counts for the mixer. */
  isBefore(chosen: EngineChoice, than: EngineChoice, settings: DesiredVideoMixer): boolean {
    const ranks = this.#allowed(settings).map(({ choice }) => choice);
    return ranks.indexOf(chosen) < ranks.indexOf(than);
  }

  /** Whether an engine that was chosen can do something that the mixer needs and `than` cannot. */
  doesMore(chosen: EngineChoice, than: EngineChoice, settings: DesiredVideoMixer): boolean {
    return doable(chosen, settings) > doable(than, settings);
  }

  /** Whether a mixer may return to a better engine now; then no other for a moment. */
  takeReturn(nowMs: number): boolean {
    if (nowMs - this.#returnedMs < betweenReturnsMs) return false;
    this.#returnedMs = nowMs;
    return true;
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

  /** Those that may be begun, best first: what failed of late may not. */
  usable(nowMs: number): readonly EngineChoice[] {
    return this.#ranked
      .filter(({ choice, breaker }) => choice.id === 'wasm' || !breaker.isResting(nowMs))
      .map(({ choice }) => choice);
  }

  /** In the room's order, else in the worker's. */
  #allowed({ engines }: DesiredVideoMixer): readonly Ranked[] {
    if (engines === undefined) return this.#ranked;
    return engines.flatMap((id) => this.#ranked.filter(({ choice }) => choice.id === id));
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
