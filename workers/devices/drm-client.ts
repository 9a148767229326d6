// Owns what the kernel tells of one opened DRM file (/proc/self/fdinfo/N; Documentation/gpu/drm-usage-stats.rst of Linux).
// Pure.

export interface DrmClient {
  readonly driver: string;
  /** Of PCI devices, such as 0000:00:02.0. */
  readonly slot: string | undefined;
  /** Files that were duplicated share it. */
  readonly id: string;
  /** By the driver's name, such as `video` (i915) or `vcs` (xe). */
  readonly units: ReadonlyMap<string, DrmUnit>;
  /** Bytes that are there now, by region, such as system0 or vram0. */
  readonly memory: ReadonlyMap<string, number>;
}

/** Counters since the file was opened: nanoseconds of use, or the device's cycles, of which `total` pass in all. */
export interface DrmUnit {
  readonly busyNs: number | undefined;
  readonly cycles: number | undefined;
  readonly totalCycles: number | undefined;
  /** How many of them there are. */
  readonly capacity: number;
}

const mostCharacters = 16 * 1024;
const mostEntries = 32;
const bytesIn: Readonly<Record<string, number>> = { '': 1, KiB: 1024, MiB: 1024 ** 2, GiB: 1024 ** 3 };

/** Undefined for the text of any other file, and for drivers that tell no client. */
export function parseDrmClient(text: string): DrmClient | undefined {
  const told = new Map<string, string>();
  // Names of regions become labels of metrics, which have at most 32 characters: so have keys a bound.
  for (const line of text.slice(0, mostCharacters).split('\n')) {
    const [, key, value] = /^drm-([a-z0-9-]{1,39}):\s*(\S.{0,63})$/.exec(line) ?? [];
    if (key !== undefined && value !== undefined) told.set(key, value.trim());
  }
  const driver = told.get('driver');
  const id = told.get('client-id');
  if (driver === undefined || id === undefined) return undefined;

  const units = new Map<string, DrmUnit>();
  const memory = new Map<string, number>();
  for (const [key, value] of told) {
    const [, unit] = /^(?:engine|cycles)-(?!capacity-)(.+)$/.exec(key) ?? [];
    if (unit !== undefined && units.size < mostEntries) {
      units.set(unit, {
        busyNs: amount(told.get(`engine-${unit}`), { ns: 1 }),
        cycles: amount(told.get(`cycles-${unit}`), { '': 1 }),
        totalCycles: amount(told.get(`total-cycles-${unit}`), { '': 1 }),
        capacity: Math.max(1, amount(told.get(`engine-capacity-${unit}`), { '': 1 }) ?? 1),
      });
    }
    // Older drivers know one number of memory only.
    const [, region] = /^(?:resident|memory)-(.+)$/.exec(key) ?? [];
    const bytes = region === undefined ? undefined : amount(value, bytesIn);
    if (region === undefined || bytes === undefined || memory.size >= mostEntries) continue;
    if (key.startsWith('resident-') || !memory.has(region)) memory.set(region, bytes);
  }
  return { driver, slot: told.get('pdev'), id, units, memory };
}

function amount(text: string | undefined, scales: Readonly<Record<string, number>>): number | undefined {
  const [, digits = '', scale = ''] = /^(\d{1,20})(?: (\w+))?$/.exec(text ?? '') ?? [];
  const factor = Object.hasOwn(scales, scale) ? scales[scale] : undefined;
  return digits === '' || factor === undefined ? undefined : Number(digits) * factor;
}
