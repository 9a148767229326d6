import { expect, it } from 'vitest';
import { LoadEstimate, millionths, settleMs } from './load-estimate.ts';

it('is unknown until the first report that says something', () => {
  const estimate = new LoadEstimate();
  estimate.report(undefined, 0);
  estimate.assign(1);
  expect(estimate.current).toBeUndefined();
  estimate.report(5, 1000);
  expect(estimate.current).toBe(6);
});

it.each([0, 1, 500, 999, 1000, 1999, 2000])(
  'counts what was assigned %i ms after a report for the time to settle, and not much longer',
  (assignedAfter) => {
    const estimate = new LoadEstimate();
    let now = 0;
    for (; now <= assignedAfter; now += 1000) estimate.report(0, now);
    estimate.assign(7);
    for (; now < assignedAfter + settleMs; now += 1000) {
      estimate.report(0, now);
      expect(estimate.current).toBe(7);
    }
    const latest = assignedAfter + 2 * settleMs + 2000;
    for (; now <= latest; now += 1000) estimate.report(0, now);
    expect(estimate.current).toBe(0);
  },
);

it('adds up exactly', () => {
  const estimate = new LoadEstimate();
  estimate.report(millionths(0.05), 0);
  for (let task = 0; task < 8; task += 1) estimate.assign(millionths(0.1));
  expect(estimate.current).toBe(millionths(0.85));
});
