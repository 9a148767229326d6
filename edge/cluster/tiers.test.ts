import { describe, expect, it } from 'vitest';
import type { Capacity, ScheduledPurpose } from '../../schemas/worker.ts';
import { kindOf, tiersOf } from './tiers.ts';

const capacity = (isps: string[], regions: string[]): Capacity => ({ isps, regions });
const tiers = (workers: Record<string, Capacity>, isp: string, region: string, fallback: boolean) =>
  tiersOf(Object.entries(workers), { purpose: 'webrtc', task: 't', origin: { isp, region } }, fallback)
    .map((tier) => tier.join())
    .join(' then ');

describe('tiers', () => {
  it.each([
    { row: 1, workers: { A: capacity(['cmcc'], []) }, isp: '', region: '', guide: '', fallback: '' },
    { row: 2, workers: { A: capacity([], ['eu']) }, isp: '', region: '', guide: '', fallback: 'A' },
    { row: 3, workers: { A: capacity([], ['us']) }, isp: '', region: 'eu', guide: '', fallback: 'A' },
    {
      row: 4,
      workers: { B: capacity([], []), A: capacity([], ['eu']) },
      isp: '',
      region: 'eu',
      guide: 'A then B',
      fallback: 'A then B',
    },
    { row: 5, workers: { A: capacity(['X'], ['eu']) }, isp: 'X', region: '', guide: '', fallback: 'A' },
  ])('cluster#12 row $row of §5.4', ({ workers, isp, region, guide, fallback }) => {
    expect(tiers(workers, isp, region, false)).toBe(guide);
    expect(tiers(workers, isp, region, true)).toBe(fallback);
  });

  it('asks other regions last', () => {
    const workers = { A: capacity([], ['us']), B: capacity([], []), C: capacity([], ['eu']) };
    expect(tiers(workers, '', 'eu', true)).toBe('C then B then A');
  });
});

describe('kinds', () => {
  it('do not depend on the order of names, nor on what the purpose does not ask for', () => {
    const one: Capacity = { isps: ['b', 'a'], regions: [], algorithms: ['x'], engines: ['wasm'] };
    const other: Capacity = { isps: ['a', 'b', 'a'], regions: [] };
    expect(kindOf('webrtc', one)).toBe(kindOf('webrtc', other));
    expect(kindOf('analytics', one)).not.toBe(kindOf('analytics', other));
  });

  it.each<[ScheduledPurpose, Capacity, Capacity]>([
    ['webrtc', { isps: ['a'], regions: [] }, { isps: [], regions: ['a'] }],
    [
      'video',
      { isps: [], regions: [], video: { decode: ['vp8'], encode: [] } },
      { isps: [], regions: [], video: { decode: [], encode: ['vp8'] } },
    ],
  ])('tell apart what a demand for %s can tell apart', (purpose, one, other) => {
    expect(kindOf(purpose, one)).not.toBe(kindOf(purpose, other));
  });
});
