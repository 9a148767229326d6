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

const homes = { west: { url: 'redis://a:6379' }, 'east.2': { url: 'redis-cluster://:p=w@b:1,c:2' } };

it('reads homes from the file and from the environment', () => {
  const listed = 'west=redis://a:6379 east.2=redis-cluster://:p=w@b:1,c:2';
  const given = readSettings('', { SLUICE_HOMES: listed, SLUICE_HOME: 'west' });
  expect([given.homes, given.cluster.home]).toEqual([homes, 'west']);
  const toml = Object.entries(homes).map(([name, { url }]) => `[homes."${name}"]\nurl = "${url}"`);
  const read = readSettings(['[cluster]\nhome = "east.2"', ...toml].join('\n'), {});
  expect([read.homes, read.cluster.home]).toEqual([homes, 'east.2']);
  expect(readSettings('', {})).toMatchObject({ homes: {}, cluster: { home: '' } });
});

it.each([
  ['[cluster]\nhome = "west"', 'cluster.home: there is no homes.west'],
  ['[homes.west]\nurl = ""', 'homes.west.url: must not be empty'],
  ['[homes.west]\nurl = "http://a"', 'homes.west.url: must begin with redis://'],
  ['[homes."a b"]\nurl = "redis://a"', 'homes.a b: must be 1 to 64 of'],
  ['[homes.west]', 'homes.west.url'],
])('refuses homes %j', (toml, message) => {
  expect(() => readSettings(toml, {})).toThrow(message);
});

it.each(['max_load = 0', 'max_load = 2', 'isps = [""]', 'strategy.bus = "x"', 'schedule_reserve_time = 0'])(
  'refuses %s',
  (line) => {
    expect(() => readSettings(`[cluster]\n${line}`, {})).toThrow(SettingsError);
  },
);
