// Owns the fuzz target for what kernels tell of DRM files: its lines in every order, damaged and repeated.
import { parseDrmClient, type DrmClient } from '../../workers/devices/drm-client.ts';
import { drmUsage } from '../../workers/devices/drm-usage.ts';
import { integer, must } from './hostile-bytes.ts';
import type { FuzzTarget } from './target.ts';

const keys = [
  'drm-driver',
  'drm-client-id',
  'drm-pdev',
  'drm-engine-video',
  'drm-engine-capacity-video',
  'drm-engine-constructor',
  'drm-engine-__proto__',
  'drm-cycles-vcs',
  'drm-total-cycles-vcs',
  'drm-resident-system0',
  'drm-memory-vram',
  'drm-engine-',
  'pos',
];
const values = [
  'i915',
  '7',
  '0000:00:02.0',
  '0',
  '1 ns',
  '12 MiB',
  '3 constructor',
  '-4',
  ' ',
  '9'.repeat(20),
  '1e9',
];

export const drmClientTarget: FuzzTarget = {
  name: 'drm-client',
  run(random, iterations) {
    for (let round = 0; round < iterations; round++) {
      const seen = [some(random), some(random)] as const;
      const [before, after] = seen.map((clients, at) => ({ atMs: at * (random() * 2000 - 100), clients }));
      if (before === undefined || after === undefined) continue;
      const { busy, memory } = drmUsage(before, after, random() < 0.5 ? '0000:00:02.0' : undefined);
      must(busy.size <= 6, 'units are bounded');
      for (const share of busy.values()) must(share >= 0 && share <= 1, 'a share is between 0 and 1');
      for (const bytes of memory.values()) must(bytes >= 0 && Number.isFinite(bytes), 'memory is a number');
    }
  },
};

function some(random: () => number): readonly DrmClient[] {
  return Array.from({ length: integer(random, 4) }, () => parseDrmClient(text(random))).flatMap((client) => {
    if (client === undefined) return [];
    must(client.units.size <= 32 && client.memory.size <= 32, 'what is told of a file is bounded');
    return [client];
  });
}

function text(random: () => number): string {
  const any = <T>(list: readonly T[]): T | undefined => list[integer(random, list.length)];
  const lines = ['drm-driver:\ti915', `drm-client-id:\t${integer(random, 3)}`];
  for (let line = integer(random, 60); line > 0; line--) {
    const separator = random() < 0.9 ? ':\t' : String.fromCharCode(integer(random, 128));
    lines.push(
      `${any(keys) ?? ''}${random() < 0.1 ? integer(random, 99) : ''}${separator}${any(values) ?? ''}`,
    );
  }
  return lines.join(random() < 0.95 ? '\n' : '\r');
}
