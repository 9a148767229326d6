// Owns which engine the pipeline of one video mixer runs on, and how often it had to fall back to another.
import type { DesiredVideoMixer, MixerStats } from '../../schemas/worker.ts';
import type { EngineChoice } from '../engine/engine-choice.ts';
import type { EngineOrder } from './engine-order.ts';
import type { PipelineSettings } from './messages.ts';

/** An engine that made pictures for so long works. */
const provenMs = 5000;

export class MixerEngine {
  readonly #order: EngineOrder;
  #current: { readonly choice: EngineChoice; readonly sinceMs: number } | undefined;
  /** Why the current one has to be left. */
  #failure: string | undefined;
  #fallbacks = 0;
  #fallbackReason: string | undefined;

  constructor(order: EngineOrder) {
    this.#order = order;
  }

  get stats(): { readonly fallbacks: number; readonly fallbackReason?: string } {
    const fallbackReason = this.#fallbackReason;
    return { fallbacks: this.#fallbacks, ...(fallbackReason === undefined ? {} : { fallbackReason }) };
  }

  /** For the next pipeline; undefined for sound, which needs none. */
  next(settings: PipelineSettings, nowMs: number): EngineChoice | undefined {
    if (settings.kind !== 'video') return undefined;
    const choice = this.#order.choose(settings, nowMs);
    if (this.#failure !== undefined && choice !== this.#current?.choice) {
      this.#fallbacks++;
      this.#fallbackReason = this.#failure;
    }
    this.#failure = undefined;
    this.#current = { choice, sinceMs: nowMs };
    this.#order.begun(choice, nowMs);
    return choice;
  }

  /** Whether another one can do more of what is asked for now. */
  isPoorFor(settings: DesiredVideoMixer, nowMs: number): boolean {
    return this.#current !== undefined && this.#order.isBetter(this.#current.choice, settings, nowMs);
  }

  told(stats: MixerStats, nowMs: number): void {
    if (this.#current === undefined || stats.kind !== 'video' || stats.framerate.made === 0) return;
    if (nowMs - this.#current.sinceMs >= provenMs) this.#order.worked(this.#current.choice);
  }

  /** The pipeline is gone with all around it. On a device only its driver can have done that. */
  lost(reason: string, nowMs: number): void {
    const choice = this.#current?.choice;
    if (choice?.device !== undefined) this.failed(`the engine ${choice.id} failed: ${reason}`, nowMs);
  }

  failed(reason: string, nowMs: number): void {
    if (this.#current !== undefined) this.#order.failed(this.#current.choice, nowMs);
    this.#failure = reason.slice(0, 500);
  }
}
