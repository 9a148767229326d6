import { describe, expect, it } from 'vitest';
import { compactNtp, compactToMs, msToCompact, ntpHigh, ntpLow, ntpToWallMs } from './ntp.ts';

describe('NTP time', () => {
  it.each([
    [0, 2_208_988_800, 0],
    [500, 2_208_988_800, 0x80000000],
    [1_700_000_000_250, 3_908_988_800, 0x40000000],
  ])('%i ms since 1970', (wallMs, high, low) => {
    expect(ntpHigh(wallMs)).toBe(high);
    expect(ntpLow(wallMs)).toBe(low);
  });

  it.each([1_700_000_000_123, 2_085_978_495_999, 2_085_978_496_001, 3_000_000_000_000])(
    'comes back over the end of the era in 2036 (%i)',
    (wallMs) => {
      expect(ntpHigh(wallMs)).toBeLessThanOrEqual(0xffffffff);
      expect(Math.abs(ntpToWallMs(ntpHigh(wallMs), ntpLow(wallMs)) - wallMs)).toBeLessThan(0.01);
    },
  );

  it('keeps the middle 32 bits', () => {
    expect(compactNtp(0x1234abcd, 0xef015678)).toBe(0xabcdef01);
  });

  it('converts durations', () => {
    expect(compactToMs(65536)).toBe(1000);
    expect(msToCompact(1500)).toBe(98304);
    expect(msToCompact(-1)).toBe(0);
    expect(msToCompact(1e12)).toBe(0xffffffff);
  });
});
