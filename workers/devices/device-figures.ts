// Owns what Linux tells of a device beside the use of its files: frequencies and its own memory. Each file is optional.
import { basename, join } from 'node:path';
import { namesIn, readText } from './read-text.ts';

export interface DeviceFigures {
  /** MHz now, by part of the device (`gt0`, and `gt1` for media where it is apart). */
  readonly frequencyMhz: ReadonlyMap<string, number>;
  /** Bytes of memory that the device has to itself; undefined where it has none, or does not tell. */
  readonly memoryBytes: number | undefined;
}

const mostParts = 8;

/** `node`: such as /dev/dri/renderD128. `root`: where the machine's files are, for tests. */
export function readDeviceFigures(node: string, root = '/'): DeviceFigures {
  const device = join(root, 'sys/class/drm', basename(node), 'device');
  const card = join(
    device,
    'drm',
    namesIn(join(device, 'drm')).find((name) => /^card\d+$/.test(name)) ?? '-',
  );
  const frequencyMhz = new Map<string, number>();
  const take = (part: string, path: string): void => {
    const mhz = wholeNumber(path);
    if (mhz !== undefined && !frequencyMhz.has(part) && frequencyMhz.size < mostParts) {
      frequencyMhz.set(part, mhz);
    }
  };
  const parts = (folder: string): readonly string[] =>
    namesIn(folder).filter((name) => /^gt\d{1,2}$/.test(name));

  // i915, the newer place first; then xe.
  for (const gt of parts(join(card, 'gt'))) take(gt, join(card, 'gt', gt, 'rps_act_freq_mhz'));
  take('gt0', join(card, 'gt_act_freq_mhz'));
  for (const tile of namesIn(device).filter((name) => /^tile\d{1,2}$/.test(name))) {
    for (const gt of parts(join(device, tile))) take(gt, join(device, tile, gt, 'freq0/act_freq'));
  }
  return {
    frequencyMhz,
    memoryBytes:
      wholeNumber(join(card, 'lmem_total_bytes')) ?? wholeNumber(join(device, 'mem_info_vram_total')),
  };
}

function wholeNumber(path: string): number | undefined {
  const text = readText(path);
  return text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : undefined;
}
