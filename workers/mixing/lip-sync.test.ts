import { expect, it } from 'vitest';
import { LipSync } from './lip-sync.ts';

const ages = (values: Readonly<Record<string, number>>) =>
  Object.entries(values).map(([stream, ageMs]) => ({ stream, ageMs }));

it('is the middle of how much later sound is than picture, stream by stream', () => {
  const sync = new LipSync();
  sync.measure(ages({ a: 5100, b: -300, c: 80 }), ages({ a: 5060, b: -310, c: 20, d: 1 }), 0);
  expect(sync.skewMs).toBe(40);
});

it('follows slowly', () => {
  const sync = new LipSync();
  sync.measure(ages({ a: 100 }), ages({ a: 0 }), 0);
  sync.measure(ages({ a: 200 }), ages({ a: 0 }), 1000);
  expect(sync.skewMs).toBeCloseTo(130);
  for (let at = 2000; at < 20_000; at += 1000) sync.measure(ages({ a: 200 }), ages({ a: 0 }), at);
  expect(sync.skewMs).toBeCloseTo(200, 0);
});

it.each([
  ['nobody is both heard and seen', ages({ a: 1 }), ages({ b: 1 })],
  ['a sender’s clocks are far apart', ages({ a: 9000 }), ages({ a: 1 })],
])('is unknown while %s', (_, heard, seen) => {
  const sync = new LipSync();
  sync.measure(heard, seen, 0);
  expect(sync.skewMs).toBeUndefined();
});

it('is kept for a while when nobody is measured, then forgotten', () => {
  const sync = new LipSync();
  sync.measure(ages({ a: 50 }), ages({ a: 0 }), 0);
  sync.measure([], [], 5000);
  expect(sync.skewMs).toBe(50);
  sync.measure([], [], 10_001);
  expect(sync.skewMs).toBeUndefined();
});
