// Owns which engine the pipeline of one video mixer runs on, its place in the budget of the worker's device, how often it had
// to fall back to another, and when it may return.
import type { DesiredVideoMixer, MixerStats } from '../../schemas/worker.ts';
import type { EngineChoice } from '../engine/engine-choice.ts';
import type { EngineFault } from '../engine/engine-failure.ts';
import { CircuitBreaker } from './circuit-breaker.ts';
import type { Avoids, EngineOrder } from './engine-order.ts';
import type { PipelineSettings } from './messages.ts';

/** An engine that made pictures for so long works. */
const provenMs = 5000;
/** Who is on another engine than the best stays at least so long, twice as long after each further fall within the memory. */
const firstStayMs = 30_000;
const longestStayMs = 600_000;
const fallMemoryMs = 1_800_000;

export class MixerEngine {
  readonly #order: EngineOrder;
  /** Of engines that failed here in ways that say nothing about others. */
  readonly #breakers = new Map<EngineChoice, CircuitBreaker>();
  #current: { readonly choice: EngineChoice; readonly sinceMs: number } | undefined;
  /** Why the current one has to be left. */
  #failure: string | undefined;
  #fallbacks = 0;
  #fallbackReason: string | undefined;
  /** When it fell, of late. */
  #falls: readonly number[] = [];

  constructor(order: EngineOrder) {
    this.#order = order;
  }

  get stats(): { readonly fallbacks: number; readonly fallbackReason?: string } {
    const fallbackReason = this.#fallbackReason;
    return { fallbacks: this.#fallbacks, ...(fallbackReason === undefined ? {} : { fallbackReason }) };
  }

  /** For the next pipeline; undefined for sound, which needs none. `none`: the room allows none that is to be had. */
  next(settings: PipelineSettings, nowMs: number): EngineChoice | undefined | 'none' {
    if (settings.kind !== 'video') return undefined;
    const { budget } = this.#order;
    const choice = this.#choose(settings, nowMs);
    if (choice === undefined) {
      this.#current = undefined;
      budget?.release(this);
      return 'none';
    }
    if (choice.device === undefined) budget?.release(this);
    else budget?.hold(this, settings);
    if (this.#failure !== undefined && choice !== this.#current?.choice) {
      this.#fallbacks++;
      this.#fallbackReason = this.#failure;
      this.#falls = [...this.#falls.filter((at) => nowMs - at < fallMemoryMs), nowMs];
    }
    this.#failure = undefined;
    this.#current = { choice, sinceMs: nowMs };
    this.#order.begun(choice, nowMs);
    this.#breakers.get(choice)?.begun(nowMs);
    return choice;
  }

  /** Whether another one can do more of what is asked for from now on. */
  isPoorFor(settings: DesiredVideoMixer, nowMs: number): boolean {
    this.#order.budget?.adjust(this, settings);
    const current = this.#current?.choice;
    const chosen = this.#choose(settings, nowMs);
    return current !== undefined && chosen !== undefined && this.#order.doesMore(chosen, current, settings);
  }

  /** Whether it is long enough on an engine that is not its best, and a better one is to be had again. */
  mayReturn(settings: DesiredVideoMixer, nowMs: number): boolean {
    if (this.#current === undefined) return false;
    const { choice, sinceMs } = this.#current;
    const stayMs = Math.min(longestStayMs, firstStayMs * 2 ** Math.max(0, this.#falls.length - 1));
    if (nowMs - sinceMs < stayMs) return false;
    const chosen = this.#choose(settings, nowMs);
    return chosen !== undefined && this.#order.isBefore(chosen, choice, settings);
  }

  /** Whether it has to leave its device, which is used no more. */
  get isHomeless(): boolean {
    return this.#current?.choice.device !== undefined && this.#order.budget?.isOpen === false;
  }

  /** The mixer makes nothing any more, unless there is a `next`: what it had of its device is for others. */
  rest(): void {
    this.#order.budget?.release(this);
  }

  told(stats: MixerStats, nowMs: number): void {
    if (stats.kind === 'video') this.#order.budget?.learn(this, stats);
    if (this.#current === undefined || stats.kind !== 'video' || stats.framerate.made === 0) return;
    const { choice, sinceMs } = this.#current;
    if (nowMs - sinceMs < provenMs) return;
    this.#order.worked(choice);
    this.#breakers.get(choice)?.worked();
  }

  /** The pipeline is gone with all around it. On a device only its driver can have done that. */
  lost(reason: string, nowMs: number): void {
    const choice = this.#current?.choice;
    if (choice?.device === undefined) return;
    this.failed(`the engine ${choice.id} failed: ${reason}`, { scope: 'device' }, nowMs);
  }

  /** What broke it in decoding an input is that input's fault: the engine stays, unless its whole device is ill. */
  failed(reason: string, { scope, input }: EngineFault, nowMs: number): void {
    this.#order.budget?.release(this);
    this.#failure = reason.slice(0, 500);
    const choice = this.#current?.choice;
    if (choice === undefined) return;
    if (scope === 'device') this.#order.failed(choice, nowMs);
    else if (input === undefined) this.#breakerOf(choice).failed(nowMs);
  }

  /** What it would begin on now. */
  #choose(settings: DesiredVideoMixer, nowMs: number): EngineChoice | undefined {
    const avoids: Avoids = (choice) => this.#breakers.get(choice)?.allows(nowMs) === false;
    return this.#order.choose(settings, nowMs, this, avoids);
  }

  #breakerOf(choice: EngineChoice): CircuitBreaker {
    const breaker = this.#breakers.get(choice) ?? new CircuitBreaker();
    this.#breakers.set(choice, breaker);
    return breaker;
  }
}
