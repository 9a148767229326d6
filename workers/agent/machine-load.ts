// Owns measuring the machine of a worker: the traffic of the interface that carries its media, and its processors. Linux
// tells traffic in /sys; elsewhere there is none to know of.
import { readFileSync } from 'node:fs';
import { cpus, networkInterfaces } from 'node:os';
import { carrier } from './carrier.ts';

export interface MachineLoadOptions {
  /** The interface; empty: the one that carries `addresses`, else the one of the default route. */
  readonly interfaceName: string;
  /** Addresses that clients are told, or media is bound to. */
  readonly addresses: readonly string[];
  /** What the interface can carry, each way, in Mbit/s (1 Mbit = 1,048,576 bit, as spec cluster §3 counts). */
  readonly networkMaxMbps: number;
  /** Whether other programs' use of the processors counts. */
  readonly processors: boolean;
}

export interface MachineLoad {
  /** The name of the interface that is measured. */
  readonly interfaceName: string | undefined;
  /** Shares, 0..1, of the last few seconds. To be asked once a second. */
  take(nowMs: number): { readonly network: number | undefined; readonly machine: number | undefined };
}

interface Sample {
  readonly atMs: number;
  readonly received: number;
  readonly sent: number;
  readonly idle: number;
  readonly total: number;
}

const windowMs = 3000;
const bitsPerMbit = 1_048_576;

export function watchMachineLoad(options: MachineLoadOptions): MachineLoad {
  const route = read('/proc/net/route') ?? '';
  const { interfaceName: wanted, addresses, networkMaxMbps, processors } = options;
  const interfaceName = wanted === '' ? carrier(networkInterfaces(), addresses, route) : wanted;
  const samples: Sample[] = [];

  const bytes = (way: 'rx' | 'tx'): number =>
    interfaceName === undefined
      ? NaN
      : Number(read(`/sys/class/net/${interfaceName}/statistics/${way}_bytes`) ?? NaN);

  return {
    interfaceName,
    take(atMs) {
      const last = { atMs, received: bytes('rx'), sent: bytes('tx'), ...processorTimes() };
      samples.push(last);
      while (samples.length > 2 && (samples[1]?.atMs ?? 0) <= atMs - windowMs) samples.shift();
      const first = samples[0] ?? last;
      const seconds = (atMs - first.atMs) / 1000;
      const mostBytes = Math.max(last.received - first.received, last.sent - first.sent);
      const network = (mostBytes * 8) / bitsPerMbit / seconds / networkMaxMbps;
      const machine = 1 - (last.idle - first.idle) / (last.total - first.total);
      return { network: known(network), machine: processors ? known(machine) : undefined };
    },
  };
}

/** Three decimals; undefined for what could not be computed. */
function known(share: number): number | undefined {
  return Number.isFinite(share) ? Math.max(0, Math.round(share * 1000) / 1000) : undefined;
}

function processorTimes(): { idle: number; total: number } {
  const all = cpus().map(({ times }) => times);
  const idle = all.reduce((sum, times) => sum + times.idle, 0);
  return { idle, total: all.reduce((sum, { user, nice, sys, irq }) => sum + user + nice + sys + irq, idle) };
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
