import { describe, expect, it } from 'vitest';
import { nearness } from './origin-match.ts';

describe('nearness', () => {
  it.each([
    { isps: [], yes: true },
    { isps: ['X'], yes: true },
    { isps: ['X', 'Y'], yes: true },
    { isps: ['Y'], yes: false },
    { isps: ['x'], yes: false },
  ])('cluster#11 ISP X against $isps: $yes', ({ isps, yes }) => {
    expect(nearness({ isps, regions: [] }, { isp: 'X', region: '' }, false) !== undefined).toBe(yes);
  });

  it.each([
    { regions: ['eu', 'us'], region: 'eu', near: 0, fallback: 0 },
    { regions: [], region: 'eu', near: 1, fallback: 1 },
    { regions: ['us'], region: 'eu', near: undefined, fallback: 2 },
    { regions: ['EU'], region: 'eu', near: undefined, fallback: 2 },
    { regions: [], region: '', near: 1, fallback: 1 },
    { regions: ['eu'], region: '', near: undefined, fallback: 2 },
  ])(
    'region "$region" against $regions: $near, with fallback $fallback',
    ({ regions, region, near, fallback }) => {
      expect(nearness({ isps: [], regions }, { isp: '', region }, false)).toBe(near);
      expect(nearness({ isps: [], regions }, { isp: '', region }, true)).toBe(fallback);
    },
  );

  it('takes the placeholders of the stock sample as not given', () => {
    const placeholders = { isp: 'isp', region: 'region' };
    expect(nearness({ isps: ['isp'], regions: [] }, placeholders, true)).toBeUndefined();
    expect(nearness({ isps: [], regions: ['region'] }, placeholders, false)).toBeUndefined();
    expect(nearness({ isps: [], regions: [] }, placeholders, false)).toBe(1);
  });

  it('falls back to another region, never to another ISP', () => {
    expect(nearness({ isps: ['Y'], regions: ['us'] }, { isp: 'X', region: 'eu' }, true)).toBeUndefined();
  });
});
