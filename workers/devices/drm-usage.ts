// Owns how busy a process keeps a device, from what the kernel told of its files at two times. Pure.
import type { DrmClient, DrmUnit } from './drm-client.ts';

export interface DrmSample {
  readonly atMs: number;
  readonly clients: readonly DrmClient[];
}

export interface DrmUsage {
  /** Shares, 0..1, since the other sample, by unit; what is not known of is not there. */
  readonly busy: ReadonlyMap<string, number>;
  /** Bytes now, by region. */
  readonly memory: ReadonlyMap<string, number>;
}

/** What each is called by i915, the oldest of the drivers that tell it; by xe and amdgpu. */
const units: Readonly<Record<string, string>> = {
  render: 'render',
  rcs: 'render',
  gfx: 'render',
  video: 'video',
  vcs: 'video',
  dec: 'video',
  enc: 'video',
  'video-enhance': 'video-enhance',
  vecs: 'video-enhance',
  copy: 'copy',
  bcs: 'copy',
  dma: 'copy',
  compute: 'compute',
  ccs: 'compute',
};

/** `slot`: the device, such as 0000:00:02.0; undefined: whichever. */
export function drmUsage(before: DrmSample, after: DrmSample, slot?: string): DrmUsage {
  const earlier = distinct(before.clients, slot);
  const busy = new Map<string, number>();
  const memory = new Map<string, number>();
  for (const [key, client] of distinct(after.clients, slot)) {
    for (const [name, unit] of client.units) {
      const share = shareOf(earlier.get(key)?.units.get(name), unit, after.atMs - before.atMs);
      const label = Object.hasOwn(units, name) ? (units[name] ?? 'other') : 'other';
      if (share !== undefined) busy.set(label, Math.min(1, (busy.get(label) ?? 0) + share));
    }
    for (const [name, bytes] of client.memory) {
      const region = name.replace(/\d+$/, '');
      memory.set(region, (memory.get(region) ?? 0) + bytes);
    }
  }
  return { busy, memory };
}

/** A file that was not there before has done in this time all that it did. */
function shareOf(before: DrmUnit | undefined, after: DrmUnit, elapsedMs: number): number | undefined {
  const grown = (now: number | undefined, then: number | undefined): number | undefined =>
    now === undefined ? undefined : Math.max(0, now - (then ?? 0));
  const cycles = grown(after.cycles, before?.cycles);
  const total = before && grown(after.totalCycles, before.totalCycles);
  if (cycles !== undefined) return total ? cycles / total / after.capacity : undefined;
  const busyNs = grown(after.busyNs, before?.busyNs);
  return busyNs === undefined || elapsedMs <= 0 ? undefined : busyNs / (elapsedMs * 1e6) / after.capacity;
}

function distinct(clients: readonly DrmClient[], slot: string | undefined): ReadonlyMap<string, DrmClient> {
  return new Map(
    clients
      .filter((client) => slot === undefined || client.slot === slot)
      .map((client) => [`${client.slot ?? ''} ${client.id}`, client]),
  );
}
