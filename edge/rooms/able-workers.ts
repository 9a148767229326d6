// Owns what the workers that were heard of can mix and transcode: what each says now, and of those that are gone what they
// said last, for a while. Pure: time comes in.
import type { MediaEngineOrder } from '../../schemas/media-engine.ts';
import type { AliveAnnouncement } from '../../schemas/worker.ts';
import { bothOf, noTranscoders, transcodersOf, type Transcoders } from './transcoders.ts';

type Said = Pick<AliveAnnouncement, 'purposes' | 'capacity'>;

interface Known {
  readonly said: Said;
  readonly text: string;
  /** Of one that is gone. */
  lostAt?: number;
}

/** What is heard so soon after a loss was said before it. */
const lateMs = 1000;
const maxWorkers = 10_000;
const maxEngines = 64;
const maxAnswers = 100;

export class AbleWorkers {
  readonly #goneMs: number;
  readonly #workers = new Map<string, Known>();
  /** Kinds of media never vanish: who mixes is started again. By engine for pictures. */
  #audio = false;
  #video = false;
  readonly #engines = new Set<string>();
  /** By the engines asked for, until something changes. */
  readonly #answers = new Map<string, Transcoders>();

  /** `goneMs`: how long a worker that is gone counts, since it may come back. */
  constructor(goneMs: number) {
    this.#goneMs = goneMs;
  }

  heard({ worker, purposes, capacity }: AliveAnnouncement, now: number): void {
    const { video, engines, byEngine } = capacity;
    const text = JSON.stringify([purposes, video, engines, byEngine]);
    const known = this.#workers.get(worker);
    if (known?.lostAt === undefined ? known?.text === text : now < known.lostAt + lateMs) return;
    this.#workers.delete(worker);
    this.#workers.set(worker, { said: { purposes, capacity }, text });
    const [oldest] = this.#workers.keys();
    if (this.#workers.size > maxWorkers && oldest !== undefined) this.#workers.delete(oldest);
    this.#answers.clear();
    this.#audio ||= purposes.includes('audio');
    if (!purposes.includes('video')) return;
    this.#video = true;
    for (const engine of engines ?? ['wasm']) {
      if (this.#engines.size < maxEngines) this.#engines.add(engine);
    }
  }

  lost(worker: string, now: number): void {
    const known = this.#workers.get(worker);
    if (known !== undefined) known.lostAt ??= now;
  }

  of(engines: MediaEngineOrder | undefined, now: number): Transcoders {
    this.#forget(now);
    const key = engines?.join() ?? '';
    const answer = this.#answers.get(key) ?? this.#find(engines);
    if (this.#answers.size >= maxAnswers) this.#answers.clear();
    this.#answers.set(key, answer);
    return answer;
  }

  #find(engines: MediaEngineOrder | undefined): Transcoders {
    const video = engines === undefined ? this.#video : engines.some((each) => this.#engines.has(each));
    const all = [...this.#workers.values()].map(({ said }) => transcodersOf(said, engines));
    const codecs = all.reduce((some, each) => bothOf(some, each), noTranscoders);
    return { ...codecs, audio: this.#audio, video };
  }

  #forget(now: number): void {
    for (const [worker, { lostAt }] of this.#workers) {
      if (lostAt === undefined || now < lostAt + this.#goneMs) continue;
      this.#workers.delete(worker);
      this.#answers.clear();
    }
  }
}
