// Owns which pipeline runs in which thread: a thread for each video pipeline, a few threads shared by the audio pipelines,
// one more that waits warm, and the watch over all of them.
import type { Unsubscribe } from '../../schemas/bus.ts';
import type { Clock, Log } from '../clock.ts';
import type { EngineChoice } from '../engine/engine-choice.ts';
import type { PipelineSettings } from './messages.ts';
import { MixingThread, type Tenant } from './mixing-thread.ts';
import type { StartThread } from './worker-thread.ts';

/** A pipeline's place in a thread. */
export interface Seat {
  readonly pipeline: number;
  readonly thread: MixingThread;
  /** Ends the pipeline; its tenant hears no more. Idempotent. */
  leave(): void;
}

export interface ThreadPoolOptions {
  readonly start: StartThread;
  readonly clock: Clock;
  readonly log: Log;
  readonly cores: number;
}

const watchEveryMs = 100;
/** A thread at work answers much sooner, on a busy machine too. */
const patienceMs = 500;
const maxVideoThreads = 64;
const longestRestartMs = 30_000;
/** Threads ended for silence are remembered this long: where it happens often, the machine is full, not the thread stuck. */
const silenceMemoryMs = 60_000;

export class ThreadPool {
  readonly #options: ThreadPoolOptions;
  readonly #videoThreads = new Set<MixingThread>();
  readonly #audioThreads = new Set<MixingThread>();
  #spare: MixingThread | undefined;
  #nextPipeline = 1;
  #closed = false;
  #failures = 0;
  #cancelSpare: Unsubscribe | undefined;
  #silences: number[] = [];
  #watchedMs: number;
  readonly #stop: Unsubscribe;

  constructor(options: ThreadPoolOptions) {
    this.#options = options;
    this.#watchedMs = options.clock.now();
    this.#stop = options.clock.every(watchEveryMs, () => {
      this.#watch();
    });
    this.#spareSoon(0);
  }

  get threads(): number {
    return this.#all().length;
  }

  /** A place for one more pipeline, which begins there with these settings; undefined when every place is taken. */
  seat(settings: PipelineSettings, engine: EngineChoice | undefined, tenant: Tenant): Seat | undefined {
    if (this.#closed) return undefined;
    const thread = settings.kind === 'video' ? this.#videoThread() : this.#audioThread();
    if (!thread) return undefined;
    const pipeline = this.#nextPipeline++;
    thread.enter(pipeline, tenant);
    thread.post({ type: 'open', pipeline, settings, engine });
    return {
      pipeline,
      thread,
      leave: () => {
        thread.leave(pipeline);
        if (thread.tenants === 0) thread.close('no longer needed');
      },
    };
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#stop();
    this.#cancelSpare?.();
    for (const thread of this.#all()) thread.close('the worker ends');
  }

  /** Ends or wedges the thread of the pipeline that has run longest, for tests of what follows. */
  disturb(how: 'kill' | 'wedge', kind: 'video' | 'audio'): void {
    const [thread] = kind === 'video' ? this.#videoThreads : this.#audioThreads;
    if (how === 'wedge') thread?.post({ type: 'wedge' });
    else thread?.kill();
  }

  #all(): MixingThread[] {
    return [...this.#videoThreads, ...this.#audioThreads, ...(this.#spare ? [this.#spare] : [])];
  }

  #videoThread(): MixingThread | undefined {
    if (this.#videoThreads.size >= maxVideoThreads) return undefined;
    const thread = this.#fresh();
    this.#videoThreads.add(thread);
    return thread;
  }

  #audioThread(): MixingThread {
    const threads = [...this.#audioThreads].sort((a, b) => a.tenants - b.tenants);
    const [emptiest] = threads;
    if (emptiest !== undefined && threads.length >= this.#options.cores) return emptiest;
    const thread = this.#fresh();
    this.#audioThreads.add(thread);
    return thread;
  }

  /** The one that waits, or another. */
  #fresh(): MixingThread {
    const thread = this.#spare ?? this.#begin();
    this.#spare = undefined;
    this.#spareSoon(0);
    return thread;
  }

  #begin(): MixingThread {
    const { start, clock } = this.#options;
    return new MixingThread({
      start,
      clock,
      ended: (thread, reason) => {
        this.#forget(thread, reason);
      },
    });
  }

  #forget(thread: MixingThread, reason: string): void {
    this.#videoThreads.delete(thread);
    this.#audioThreads.delete(thread);
    if (thread.running) this.#failures = 0;
    if (this.#spare !== thread) return;
    this.#spare = undefined;
    if (this.#closed) return;
    this.#failures++;
    this.#options.log.warn('a waiting mixing thread ended', { reason });
    this.#spareSoon(Math.min(longestRestartMs, 250 * 2 ** this.#failures));
  }

  #spareSoon(ms: number): void {
    this.#cancelSpare?.();
    this.#cancelSpare = this.#options.clock.after(ms, () => {
      if (!this.#closed) this.#spare ??= this.#begin();
    });
  }

  #watch(): void {
    const now = this.#options.clock.now();
    const stepMs = now - this.#watchedMs;
    this.#watchedMs = now;
    this.#silences = this.#silences.filter((at) => now - at < silenceMemoryMs);
    const patience = patienceMs * 2 ** Math.min(3, this.#silences.length);
    for (const thread of this.#all()) if (thread.watch(stepMs, patience)) this.#silences.push(now);
  }
}
