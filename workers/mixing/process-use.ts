// Owns what other processes of this worker use: their processor time and memory, as Linux tells it. What has ended stays
// counted up to when it was last looked at.
import { readFileSync } from 'node:fs';

export interface ProcessUse {
  /** Since the first of them began. */
  readonly cpuMs: number;
  /** Of those that run. */
  readonly memoryBytes: number;
}

/** Of `stat`: clock ticks of user and kernel time, by place behind the name, and pages in memory. */
const [userAt, systemAt, pagesAt] = [11, 12, 21];
/** On all machines of Linux that Node runs on, whatever the kernel's own. */
const msPerTick = 10;
const pageBytes = 4096;

export class ProcessUses {
  readonly #root: string;
  #earlierMs = new Map<number, number>();
  #cpuMs = 0;

  /** `root`: where /proc is, for tests. */
  constructor(root = '/proc') {
    this.#root = root;
  }

  /** Of the processes with these numbers, and those before. */
  look(pids: readonly number[]): ProcessUse {
    const nowMs = new Map<number, number>();
    let memoryBytes = 0;
    for (const pid of pids) {
      const figures = this.#figures(pid);
      const cpuMs = ((figures[userAt] ?? 0) + (figures[systemAt] ?? 0)) * msPerTick;
      this.#cpuMs += Math.max(0, cpuMs - (this.#earlierMs.get(pid) ?? 0));
      nowMs.set(pid, cpuMs);
      memoryBytes += (figures[pagesAt] ?? 0) * pageBytes;
    }
    this.#earlierMs = nowMs;
    return { cpuMs: this.#cpuMs, memoryBytes };
  }

  /** Numbers behind the name, which may have any letters; none where it is not told. */
  #figures(pid: number): readonly number[] {
    try {
      const text = readFileSync(`${this.#root}/${pid}/stat`, 'latin1');
      return text
        .slice(text.lastIndexOf(')') + 2)
        .split(' ')
        .map(Number);
    } catch {
      return [];
    }
  }
}
