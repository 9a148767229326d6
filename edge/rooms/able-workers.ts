// Owns what the workers that were heard of can mix and transcode: what each says now, and of those that are gone what they
// said last, for a while. Workers that say the same are one kind, and only a kind that comes or goes costs more than a look
// into a map: each worker is heard every second. Pure: time comes in.
import type { MediaEngineOrder } from '../../schemas/media-engine.ts';
import type { AliveAnnouncement } from '../../schemas/worker.ts';
import { bothOf, noTranscoders, transcodersOf, type Transcoders } from './transcoders.ts';

interface Kind {
  readonly said: Pick<AliveAnnouncement, 'purposes' | 'capacity'>;
  workers: number;
}

/** What is heard so soon after a loss was said before it. */
const lateMs = 1000;
const maxWorkers = 10_000;
const maxEngines = 64;
const maxAnswers = 100;

export class AbleWorkers {
  readonly #goneMs: number;
  /** By worker the name of its kind. */
  readonly #workers = new Map<string, string>();
  readonly #kinds = new Map<string, Kind>();
  /** When those of them that are gone were lost, the first of them first. */
  readonly #lostAt = new Map<string, number>();
  /** Kinds of media never vanish: who mixes is started again. By engine for pictures. */
  #audio = false;
  #video = false;
  readonly #engines = new Set<string>();
  /** By the engines asked for, until something changes. */
  readonly #answers = new Map<string, Transcoders>();
  #revision = 0;

  /** `goneMs`: how long a worker that is gone counts, since it may come back. */
  constructor(goneMs: number) {
    this.#goneMs = goneMs;
  }

  heard({ worker, purposes, capacity }: AliveAnnouncement, now: number): void {
    const lostAt = this.#lostAt.get(worker);
    if (lostAt !== undefined && now < lostAt + lateMs) return;
    this.#lostAt.delete(worker);
    const { video, engines, byEngine } = capacity;
    const kind = JSON.stringify([purposes, video, engines, byEngine]);
    if (this.#workers.get(worker) === kind) return;
    this.#add(worker, kind, { purposes, capacity });
    this.#audio ||= purposes.includes('audio');
    if (!purposes.includes('video')) return;
    this.#video = true;
    for (const engine of engines ?? ['wasm']) {
      if (this.#engines.size < maxEngines) this.#engines.add(engine);
    }
  }

  lost(worker: string, now: number): void {
    if (this.#workers.has(worker) && !this.#lostAt.has(worker)) this.#lostAt.set(worker, now);
  }

  of(engines: MediaEngineOrder | undefined, now: number): Transcoders {
    this.#forget(now);
    const key = engines?.join() ?? '';
    const answer = this.#answers.get(key) ?? this.#find(engines);
    if (this.#answers.size >= maxAnswers) this.#answers.clear();
    this.#answers.set(key, answer);
    return answer;
  }

  /** Another number than before when `of` may answer otherwise than before. */
  revision(now: number): number {
    this.#forget(now);
    return this.#revision;
  }

  #find(engines: MediaEngineOrder | undefined): Transcoders {
    const video = engines === undefined ? this.#video : engines.some((each) => this.#engines.has(each));
    const all = [...this.#kinds.values()].map(({ said }) => transcodersOf(said, engines));
    const codecs = all.reduce((some, each) => bothOf(some, each), noTranscoders);
    return { ...codecs, audio: this.#audio, video };
  }

  #forget(now: number): void {
    for (const [worker, lostAt] of this.#lostAt) {
      if (now < lostAt + this.#goneMs) return;
      this.#remove(worker);
    }
  }

  #add(worker: string, name: string, said: Kind['said']): void {
    const kind = this.#kinds.get(name) ?? { said, workers: 0 };
    kind.workers += 1;
    this.#kinds.set(name, kind);
    if (kind.workers === 1) this.#changed();
    this.#remove(worker);
    this.#workers.set(worker, name);
    if (this.#workers.size <= maxWorkers) return;
    const [oldest] = this.#workers.keys();
    if (oldest !== undefined) this.#remove(oldest);
  }

  #remove(worker: string): void {
    const name = this.#workers.get(worker);
    this.#workers.delete(worker);
    this.#lostAt.delete(worker);
    const kind = name === undefined ? undefined : this.#kinds.get(name);
    if (name === undefined || kind === undefined) return;
    kind.workers -= 1;
    if (kind.workers > 0) return;
    this.#kinds.delete(name);
    this.#changed();
  }

  #changed(): void {
    this.#answers.clear();
    this.#revision += 1;
  }
}
