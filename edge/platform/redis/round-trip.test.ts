// How far a Redis is, by the quickest of the latest answers.
import { expect, it } from 'vitest';
import { createManualClock } from '../memory/manual-clock.ts';
import { measureRoundTrip } from './round-trip.ts';

/** A Redis whose answers take what is said, in order, the last one for ever. */
function measured(takes: (number | 'nothing')[]) {
  const clock = createManualClock();
  let elapsed = 0;
  let asked = 0;
  const scene = { connects: 1, clock, asked: () => asked };
  const roundTrip = measureRoundTrip({
    ping: () => {
      const take = takes[Math.min(asked, takes.length - 1)] ?? 0;
      asked += 1;
      if (take === 'nothing') return Promise.reject(new Error('away'));
      elapsed += take;
      return Promise.resolve();
    },
    connects: () => scene.connects,
    clock,
    nowMs: () => elapsed,
  });
  return Object.assign(scene, { roundTrip });
}

it('is not known before the first answer', async () => {
  const { roundTrip, clock } = measured(['nothing', 'nothing', 0.4]);
  await clock.advance(1000);
  expect(roundTrip.leastMs).toBeUndefined();
  await clock.advance(1000);
  expect(roundTrip.leastMs).toBeCloseTo(0.4);
});

it('is the least: a busy moment does not make a near Redis far', async () => {
  const { roundTrip, clock } = measured([30, 0.3, 900, 12]);
  await clock.advance(3000);
  expect(roundTrip.leastMs).toBeCloseTo(0.3);
});

it('of the latest twenty: a Redis that went away from here is far in time', async () => {
  const { roundTrip, clock } = measured([0.3, ...Array.from({ length: 19 }, () => 80), 80]);
  await clock.advance(15_000);
  expect(roundTrip.leastMs).toBeCloseTo(0.3);
  await clock.advance(5000);
  expect(roundTrip.leastMs).toBeCloseTo(80);
});

it('is asked for five times at once, then each second, then every five, and no more once closed', async () => {
  const { roundTrip, clock, asked } = measured([1]);
  await clock.advance(0);
  expect(asked()).toBe(5);
  await clock.advance(15_000);
  expect(asked()).toBe(20);
  await clock.advance(15_000);
  expect(asked()).toBe(23);
  roundTrip.close();
  await clock.advance(60_000);
  expect(asked()).toBe(23);
});

it('begins anew with each connection, as at first', async () => {
  const scene = measured([0.3, ...Array.from({ length: 23 }, () => 0.3), 80]);
  await scene.clock.advance(35_000);
  expect(scene.asked()).toBe(24);
  scene.connects = 2;
  expect(scene.roundTrip.leastMs).toBeUndefined();
  await scene.clock.advance(5000);
  expect(scene.roundTrip.leastMs).toBeCloseTo(80);
  expect(scene.asked()).toBe(29);
  await scene.clock.advance(3000);
  expect(scene.asked()).toBe(32);
});

it('what waited for the connection to be made is not its distance: it is asked again at once', async () => {
  let connects = 0;
  let asked = 0;
  let elapsed = 0;
  const roundTrip = measureRoundTrip({
    ping() {
      asked += 1;
      elapsed += asked === 1 ? 700 : 0.5;
      connects = 1;
      return Promise.resolve();
    },
    connects: () => connects,
    clock: createManualClock(),
    nowMs: () => elapsed,
  });
  await new Promise((resolve) => setImmediate(resolve));
  await new Promise((resolve) => setImmediate(resolve));
  expect(asked).toBe(6);
  expect(roundTrip.leastMs).toBeCloseTo(0.5);
  roundTrip.close();
});
