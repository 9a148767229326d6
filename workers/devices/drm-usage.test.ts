// Owns the proof that what kernels tell of DRM files is understood: texts as i915, xe and amdgpu write them.
import { describe, expect, it } from 'vitest';
import { parseDrmClient, type DrmClient } from './drm-client.ts';
import { drmUsage } from './drm-usage.ts';

const i915 = (id: number, videoNs: number, slot = '0000:00:02.0'): string =>
  [
    'pos:\t0',
    'flags:\t02100002',
    'mnt_id:\t27',
    'drm-driver:\ti915',
    `drm-pdev:\t${slot}`,
    `drm-client-id:\t${id}`,
    'drm-total-system0:\t16 MiB',
    'drm-shared-system0:\t0',
    'drm-resident-system0:\t12288 KiB',
    'drm-engine-render:\t5000000 ns',
    'drm-engine-copy:\t0 ns',
    `drm-engine-video:\t${videoNs} ns`,
    'drm-engine-capacity-video:\t2',
    'drm-engine-video-enhance:\t0 ns',
    '',
  ].join('\n');

const xe = (cycles: number, total: number): string =>
  [
    'drm-driver:\txe',
    'drm-client-id:\t7',
    'drm-pdev:\t0000:03:00.0',
    'drm-total-vram0:\t256 MiB',
    'drm-resident-vram0:\t192 MiB',
    `drm-cycles-vcs:\t${cycles}`,
    `drm-total-cycles-vcs:\t${total}`,
    'drm-engine-capacity-vcs:\t2',
  ].join('\n');

const amdgpu = [
  'drm-driver:\tamdgpu',
  'drm-client-id:\t4',
  'drm-pdev:\t0000:0b:00.0',
  'drm-memory-vram:\t1024 KiB',
  'drm-engine-gfx:\t700 ns',
  'drm-engine-enc:\t900 ns',
].join('\n');

function client(text: string): DrmClient {
  const parsed = parseDrmClient(text);
  if (parsed === undefined) throw new Error('no DRM file');
  return parsed;
}

describe('a DRM file', () => {
  it('of i915 counts nanoseconds', () => {
    const { driver, slot, id, units, memory } = client(i915(3, 123));
    expect({ driver, slot, id }).toEqual({ driver: 'i915', slot: '0000:00:02.0', id: '3' });
    expect([...units.keys()]).toEqual(['render', 'copy', 'video', 'video-enhance']);
    expect(units.get('video')).toMatchObject({ busyNs: 123, cycles: undefined, capacity: 2 });
    expect([...memory]).toEqual([['system0', 12 * 1024 * 1024]]);
  });

  it('of xe counts cycles', () => {
    expect(client(xe(28_257_900, 7_655_183_225)).units.get('vcs')).toEqual({
      busyNs: undefined,
      cycles: 28_257_900,
      totalCycles: 7_655_183_225,
      capacity: 2,
    });
  });

  it('of amdgpu tells memory under an older name', () => {
    expect([...client(amdgpu).memory]).toEqual([['vram', 1024 * 1024]]);
  });

  it.each([
    ['another file', 'pos:\t0\nflags:\t02\nino:\t9\n'],
    ['nothing', ''],
    ['no client', 'drm-driver:\tvgem\n'],
  ])('is not %s', (_name, text) => {
    expect(parseDrmClient(text)).toBeUndefined();
  });

  it('keeps what it understands beside what it does not', () => {
    const text = `${i915(3, 5)}drm-engine-magic:\tmany ns\ndrm-resident-moon:\t3 PiB\ndrm-engine-x:\t${'9'.repeat(40)} ns\n`;
    const { units, memory } = client(text);
    expect(units.get('magic')?.busyNs).toBeUndefined();
    expect(memory.has('moon')).toBe(false);
    expect(units.get('video')?.busyNs).toBe(5);
  });

  it('has regions that fit into a label', () => {
    const long = 'r'.repeat(33);
    expect([
      ...client(`${i915(3, 5)}drm-resident-${long}: 1 MiB\ndrm-memory-${long}: 1 MiB\n`).memory.keys(),
    ]).toEqual(['system0']);
  });

  it('is bounded, whatever is told', () => {
    const lines = Array.from(
      { length: 500 },
      (_, i) => `drm-engine-u${i}: ${i} ns\ndrm-resident-r${i}: 1 MiB`,
    );
    const { units, memory } = client(`drm-driver: x\ndrm-client-id: 1\n${lines.join('\n')}`);
    expect([units.size, memory.size]).toEqual([32, 32]);
  });
});

describe('a device in use', () => {
  const sample = (atMs: number, ...texts: string[]) => ({ atMs, clients: texts.map(client) });

  it('is as busy as its files together, each counted once', () => {
    const before = sample(0, i915(3, 0), i915(4, 500_000_000));
    const after = sample(1000, i915(3, 400_000_000), i915(3, 400_000_000), i915(4, 700_000_000));
    const { busy, memory } = drmUsage(before, after, '0000:00:02.0');
    // 0.6 s of two video units in a second.
    expect(busy.get('video')).toBeCloseTo(0.3);
    expect(busy.get('render')).toBe(0);
    expect(memory.get('system')).toBe(2 * 12 * 1024 * 1024);
  });

  it('leaves out other devices', () => {
    const after = sample(1000, i915(3, 400_000_000, '0000:03:00.0'));
    expect([...drmUsage(sample(0), after, '0000:00:02.0').busy]).toEqual([]);
  });

  it('counts cycles by those that passed, under the same names', () => {
    const { busy, memory } = drmUsage(sample(0, xe(1000, 10_000)), sample(5, xe(2000, 20_000)));
    expect([...busy]).toEqual([['video', 0.05]]);
    expect([...memory]).toEqual([['vram', 192 * 1024 * 1024]]);
  });

  it('is unknown where nothing passed or was not seen before', () => {
    expect(drmUsage(sample(0, xe(1, 10)), sample(5, xe(2, 10))).busy.size).toBe(0);
    expect(drmUsage(sample(0), sample(5, xe(2, 10))).busy.size).toBe(0);
    expect(drmUsage(sample(5, i915(3, 1)), sample(5, i915(3, 9))).busy.size).toBe(0);
  });

  it('is never busier than fully, nor less than not at all', () => {
    const busy = (before: number, after: number): number | undefined =>
      drmUsage(sample(0, i915(3, before)), sample(1, i915(3, after))).busy.get('video');
    expect(busy(0, 9e15)).toBe(1);
    expect(busy(9e15, 0)).toBe(0);
  });
});
