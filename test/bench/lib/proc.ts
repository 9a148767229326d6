// Owns what /proc tells of a process: CPU time, memory, descriptors, threads. Linux only.
import { readdirSync, readFileSync } from 'node:fs';

/** Kernel clock ticks are 100 a second on every Linux this runs on. */
const msPerTick = 10;

/** User plus system time since the process began, in milliseconds. */
export function cpuMs(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * msPerTick;
}

function status(pid: number, name: string): number {
  const line = new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(readFileSync(`/proc/${pid}/status`, 'latin1'));
  return line?.[1] === undefined ? Number.NaN : Number(line[1]);
}

/** Resident memory in MiB. */
export function rssMib(pid: number): number {
  return status(pid, 'VmRSS') / 1024;
}

export function threads(pid: number): number {
  return status(pid, 'Threads');
}

export function descriptors(pid: number): number {
  return readdirSync(`/proc/${pid}/fd`).length;
}

/** The process and all its descendants: servers that fork are measured whole. */
export function processTree(root: number): number[] {
  const parents = new Map<number, number>();
  for (const name of readdirSync('/proc')) {
    const pid = Number(name);
    if (!Number.isInteger(pid)) continue;
    try {
      const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
      parents.set(pid, Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]));
    } catch {
      // It ended between the listing and the reading.
    }
  }
  const tree = [root];
  for (const member of tree) {
    for (const [pid, parent] of parents) if (parent === member) tree.push(pid);
  }
  return tree;
}
