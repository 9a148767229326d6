// Owns which pipeline runs in which thread: a thread for each video pipeline, which on a device is a process of its own, a few
// threads shared by the audio pipelines, and the watch over all of them and those that wait warm.
import type { Unsubscribe } from '../../schemas/bus.ts';
import type { Clock, Log } from '../clock.ts';
import type { EngineChoice } from '../engine/engine-choice.ts';
import type { PipelineSettings } from './messages.ts';
import type { MixingThread, Tenant } from './mixing-thread.ts';
import { WarmThread } from './warm-thread.ts';
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
  /** Starts those of pipelines on a device, whose driver may crash; without it as the others. */
  readonly startApart?: StartThread;
  readonly clock: Clock;
  readonly log: Log;
  readonly cores: number;
}

const watchEveryMs = 100;
/** A thread at work answers much sooner, on a busy machine too. */
const patienceMs = 500;
const maxVideoThreads = 64;
/** Threads ended for silence are remembered this long: where it happens often, the machine is full, not the thread stuck. */
const silenceMemoryMs = 60_000;

export class ThreadPool {
  readonly #options: ThreadPoolOptions;
  readonly #videoThreads = new Set<MixingThread>();
  readonly #audioThreads = new Set<MixingThread>();
  readonly #inside: WarmThread;
  readonly #apart: WarmThread | undefined;
  #nextPipeline = 1;
  #closed = false;
  #silences: number[] = [];
  #watchedMs: number;
  readonly #stop: Unsubscribe;

  constructor(options: ThreadPoolOptions) {
    this.#options = options;
    this.#watchedMs = options.clock.now();
    this.#stop = options.clock.every(watchEveryMs, () => {
      this.#watch();
    });
    const { start, startApart, clock, log } = options;
    const ended = (thread: MixingThread): void => {
      this.#videoThreads.delete(thread);
      this.#audioThreads.delete(thread);
    };
    this.#inside = new WarmThread({ start, clock, log, ended });
    this.#apart = startApart && new WarmThread({ start: startApart, clock, log, ended });
  }

  get threads(): number {
    return this.#all().length;
  }

  /** Of threads that are processes of their own. */
  get pids(): readonly number[] {
    return this.#all().flatMap(({ pid }) => pid ?? []);
  }

  /** A place for one more pipeline, which begins there with these settings; undefined when every place is taken. */
  seat(settings: PipelineSettings, engine: EngineChoice | undefined, tenant: Tenant): Seat | undefined {
    if (this.#closed) return undefined;
    const isApart = engine?.device !== undefined;
    const thread = settings.kind === 'video' ? this.#videoThread(isApart) : this.#audioThread();
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
    const reason = 'the worker ends';
    for (const warm of [this.#inside, this.#apart]) warm?.close(reason);
    for (const thread of this.#all()) thread.close(reason);
  }

  /** Ends or wedges the thread of the pipeline that has run longest, for tests of what follows. */
  disturb(how: 'kill' | 'wedge', kind: 'video' | 'audio'): void {
    const [thread] = kind === 'video' ? this.#videoThreads : this.#audioThreads;
    if (how === 'wedge') thread?.post({ type: 'wedge' });
    else thread?.kill();
  }

  #all(): MixingThread[] {
    const waiting = [this.#inside, this.#apart].flatMap((warm) => warm?.waiting ?? []);
    return [...this.#videoThreads, ...this.#audioThreads, ...waiting];
  }

  #videoThread(isApart: boolean): MixingThread | undefined {
    if (this.#videoThreads.size >= maxVideoThreads) return undefined;
    const warm = isApart ? (this.#apart ?? this.#inside) : this.#inside;
    const thread = warm.take();
    this.#videoThreads.add(thread);
    return thread;
  }

  #audioThread(): MixingThread {
    const threads = [...this.#audioThreads].sort((a, b) => a.tenants - b.tenants);
    const [emptiest] = threads;
    if (emptiest !== undefined && threads.length >= this.#options.cores) return emptiest;
    const thread = this.#inside.take();
    this.#audioThreads.add(thread);
    return thread;
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
