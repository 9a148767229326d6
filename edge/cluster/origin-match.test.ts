import { describe, expect, it } from 'vitest';
import { matchOrigin } from './origin-match.ts';

const worker = (id: string, isps: string[], regions: string[]) => ({ id, capacity: { isps, regions } });

describe('cluster#12 matching by ISP and region', () => {
  it.each([
    { row: 1, workers: [worker('A', ['cmcc'], [])], isp: '', region: '', guide: '', fallback: '' },
    { row: 2, workers: [worker('A', [], ['eu'])], isp: '', region: '', guide: '', fallback: 'A' },
    { row: 3, workers: [worker('A', [], ['us'])], isp: '', region: 'eu', guide: '', fallback: 'A' },
    {
      row: 4,
      workers: [worker('B', [], []), worker('A', [], ['eu'])],
      isp: '',
      region: 'eu',
      guide: 'A',
      fallback: 'A',
    },
    { row: 5, workers: [worker('A', ['X'], ['eu'])], isp: 'X', region: '', guide: '', fallback: 'A' },
  ])('row $row of cluster §5.4', ({ workers, isp, region, guide, fallback }) => {
    const ids = (found: readonly { id: string }[]) => found.map(({ id }) => id).join();
    expect(ids(matchOrigin(workers, { isp, region }))).toBe(guide);
    expect(ids(matchOrigin(workers, { isp, region }, true))).toBe(fallback);
  });

  it.each([
    { isps: [], yes: true },
    { isps: ['X'], yes: true },
    { isps: ['Y'], yes: false },
    { isps: ['x'], yes: false },
  ])('cluster#11 ISP X against $isps: $yes', ({ isps, yes }) => {
    expect(matchOrigin([worker('A', isps, [])], { isp: 'X', region: '' })).toHaveLength(yes ? 1 : 0);
  });

  it('takes the placeholders of the stock sample as not given', () => {
    const restricted = [worker('A', ['isp'], ['region'])];
    expect(matchOrigin(restricted, { isp: 'isp', region: 'region' })).toEqual([]);
    const open = [worker('B', [], [])];
    expect(matchOrigin(open, { isp: 'isp', region: 'region' })).toEqual(open);
  });

  it('falls back to another region, never to another ISP', () => {
    expect(matchOrigin([worker('A', ['Y'], ['us'])], { isp: 'X', region: 'eu' }, true)).toEqual([]);
  });

  it('keeps the order of the workers', () => {
    const workers = [worker('B', [], []), worker('A', [], [])];
    expect(matchOrigin(workers, { isp: '', region: '' })).toEqual(workers);
  });
});
