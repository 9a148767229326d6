import { expect, it } from 'vitest';
import { schedulingOf } from './cluster-settings.ts';
import { readSettings, SettingsError } from './settings.ts';

it('serves everybody up to 0.85 where nothing is configured', () => {
  const { cluster } = readSettings('', {});
  expect(cluster).toMatchObject({ isps: [], regions: [], max_load: 0.85 });
  expect(schedulingOf(cluster)).toMatchObject({ strategy: {}, reserveMs: 60_000 });
  expect(Object.values(schedulingOf(cluster).regionFallback ?? {})).toEqual(Array(8).fill(false));
});

it('reads places, strategies and fallbacks by purpose', () => {
  const { cluster } = readSettings(
    `[cluster]
     isps = ["cmcc"]
     regions = ["eu", "us"]
     schedule_reserve_time = 1000
     [cluster.strategy]
     general = "round-robin"
     webrtc = "least-used"
     [cluster.region_fallback]
     general = true
     portal = false`,
    {},
  );
  expect(cluster).toMatchObject({ isps: ['cmcc'], regions: ['eu', 'us'] });
  expect(schedulingOf(cluster)).toMatchObject({
    strategy: { general: 'round-robin', webrtc: 'least-used' },
    regionFallback: { portal: false, webrtc: true, video: true },
    reserveMs: 1000,
  });
});

it('takes places from the environment', () => {
  const { cluster } = readSettings('', { SLUICE_ISPS: 'a, b', SLUICE_REGIONS: 'eu' });
  expect(cluster).toMatchObject({ isps: ['a', 'b'], regions: ['eu'] });
});

it.each(['max_load = 0', 'max_load = 2', 'isps = [""]', 'strategy.bus = "x"', 'schedule_reserve_time = 0'])(
  'refuses %s',
  (line) => {
    expect(() => readSettings(`[cluster]\n${line}`, {})).toThrow(SettingsError);
  },
);
