// Owns the two phases run against every server: closed loop (how much a CPU-second delivers) and paced (how late).
import { cpuMs } from '../lib/proc.ts';
import { percentile } from '../lib/report.ts';
import type { Member } from './member.ts';

export interface Load {
  readonly size: number;
  readonly seconds: number;
  readonly outstanding: number;
  readonly pacedPerSecond: number;
}

export interface LoadResult {
  readonly perCpuSecond: number;
  readonly deliveriesPerSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/** A text of about 270 bytes that carries its number in front. */
const padding = 'x'.repeat(220);

/** Follows each text until all members have heard it. */
export class Tally {
  readonly #size: number;
  readonly #waiting = new Map<string, { heard: number; sentAt: number; done: () => void }>();
  #next = 0;
  deliveries = 0;
  latenciesMs: number[] = [];

  constructor(size: number) {
    this.#size = size;
  }

  heard = (message: string): void => {
    this.deliveries++;
    const text = this.#waiting.get(message);
    if (text === undefined) return;
    this.latenciesMs.push(performance.now() - text.sentAt);
    if (++text.heard === this.#size) {
      this.#waiting.delete(message);
      text.done();
    }
  };

  send(members: readonly Member[]): Promise<void> {
    const number = this.#next++;
    const message = `${number.toString().padStart(12, '0')} ${padding}`;
    return new Promise((resolve, reject) => {
      const late = setTimeout(() => {
        reject(new Error(`text ${number} did not reach all ${this.#size} members within 10 s`));
      }, 10_000);
      const done = (): void => {
        clearTimeout(late);
        resolve();
      };
      this.#waiting.set(message, { heard: 0, sentAt: performance.now(), done });
      members[number % members.length]?.send(message);
    });
  }
}

/** Keeps so many texts under way for `load.seconds`, each sent again when all have heard it. */
export async function closedLoop(tally: Tally, members: readonly Member[], load: Load): Promise<void> {
  const end = performance.now() + load.seconds * 1000;
  const loop = async (): Promise<void> => {
    while (performance.now() < end) await tally.send(members);
  };
  await Promise.all(Array.from({ length: load.outstanding }, loop));
}

/** Sends texts at a rate, whatever becomes of them. */
export async function paced(tally: Tally, members: readonly Member[], load: Load): Promise<void> {
  const pending: Promise<void>[] = [];
  const start = performance.now();
  const count = load.seconds * load.pacedPerSecond;
  for (let i = 0; i < count; i++) {
    const wait = start + (i * 1000) / load.pacedPerSecond - performance.now();
    if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
    pending.push(tally.send(members));
  }
  await Promise.all(pending);
}

export async function runLoad(
  pid: number,
  tally: Tally,
  members: readonly Member[],
  load: Load,
): Promise<LoadResult> {
  await closedLoop(tally, members, { ...load, seconds: 1 });
  tally.deliveries = 0;
  const cpu = cpuMs(pid);
  const start = performance.now();
  await closedLoop(tally, members, load);
  const seconds = (performance.now() - start) / 1000;
  const cpuSeconds = (cpuMs(pid) - cpu) / 1000;
  const deliveries = tally.deliveries;
  tally.latenciesMs = [];
  await paced(tally, members, load);
  const latencies = tally.latenciesMs.toSorted((a, b) => a - b);
  return {
    perCpuSecond: deliveries / cpuSeconds,
    deliveriesPerSecond: deliveries / seconds,
    p50Ms: percentile(latencies, 0.5),
    p99Ms: percentile(latencies, 0.99),
  };
}
