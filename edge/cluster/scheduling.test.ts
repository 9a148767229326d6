import { expect, it } from 'vitest';
import { strategyOf } from './scheduling.ts';

it.each([
  ['portal', {}, 'last-used'],
  ['webrtc', {}, 'last-used'],
  ['sip', {}, 'round-robin'],
  ['streaming', {}, 'round-robin'],
  ['recording', {}, 'randomly-pick'],
  ['audio', {}, 'most-used'],
  ['video', {}, 'least-used'],
  ['analytics', {}, 'least-used'],
  ['video', { video: 'round-robin', general: 'most-used' }, 'round-robin'],
] as const)('%s with %j is %s', (purpose, strategy, chosen) => {
  const unknown: string[] = [];
  expect(strategyOf({ strategy }, purpose, (name) => unknown.push(name))).toBe(chosen);
  expect(unknown).toEqual([]);
});

it('cluster#10 a purpose without its own strategy uses general', () => {
  const settings = { strategy: { general: 'most-used', video: 'last-used' } };
  expect(strategyOf(settings, 'streaming', () => undefined)).toBe('most-used');
});

it('cluster#9 an unknown strategy picks randomly and is told', () => {
  const unknown: string[] = [];
  expect(strategyOf({ strategy: { webrtc: 'best' } }, 'webrtc', (name) => unknown.push(name))).toBe(
    'randomly-pick',
  );
  expect(unknown).toEqual(['best']);
});
