// Owns the proof that a device is given no more than is measured to fit.
import { describe, expect, it } from 'vitest';
import { outputOf, viewOf } from '../video/scripted-view.ts';
import { DeviceBudget } from './device-budget.ts';
import { PictureCosts, usualWish, wishOf } from './picture-costs.ts';

const view = (width: number, height: number, framerate: number) =>
  viewOf([], [{ ...outputOf('out', { resolution: { width, height } }), framerate }]);
const large = view(1280, 720, 30);
const small = view(640, 360, 30);
const stats = (share: number, made = 30) => ({ share, framerate: { wanted: 30, made, limit: 30 } });

/** As many mixers of a kind as are admitted, of thirty. */
function fill(budget: DeviceBudget, settings: typeof large): object[] {
  return Array.from({ length: 30 }, () => ({})).filter((mixer) => {
    const admitted = budget.admits(mixer, settings);
    if (admitted) budget.hold(mixer, settings);
    return admitted;
  });
}

describe('the budget of a device', () => {
  it.each([
    ['as tried', { triedMs: 10 }, large, 3],
    ['in proportion to the size', { triedMs: 10 }, small, 13],
    ['only its part', { triedMs: 10, part: 0.5 }, large, 1],
    ['none where one alone is more than its part', { triedMs: 10, part: 0.25 }, large, 0],
    ['one where it is too slow for one, but has the device to itself', { triedMs: 100 }, large, 1],
    ['with caution where nothing was tried', {}, large, 2],
    ['nothing while it is not to be used', { triedMs: 1, state: 'drained' }, large, 0],
  ] as const)('gives room %s', (_, options, settings, count) => {
    expect(fill(new DeviceBudget(options), settings)).toHaveLength(count);
  });

  it('learns what pictures really cost, upward at once, and gives back what ended', () => {
    const budget = new DeviceBudget({ triedMs: 1 });
    const [first, ...others] = fill(budget, large);
    expect(others).toHaveLength(29);
    for (const each of others) budget.release(each);
    expect(budget.mixers).toBe(1);
    if (first) budget.learn(first, stats(0.3));
    expect(budget.taken).toBeCloseTo(0.3);
    expect(budget.next).toBeCloseTo(0.3);
    expect(fill(budget, large)).toHaveLength(2);
    if (first) budget.release(first);
    expect(budget.taken).toBeCloseTo(0.6);
  });

  it('counts what is taken where that is more than was expected, and adjusts to other sizes', () => {
    const budget = new DeviceBudget({ triedMs: 10 });
    const mixer = {};
    budget.hold(mixer, small);
    expect(budget.taken).toBeCloseTo(0.075);
    budget.adjust(mixer, large);
    expect(budget.taken).toBeCloseTo(0.3);
    budget.learn(mixer, stats(0.9, 15));
    expect(budget.taken).toBeGreaterThanOrEqual(0.9);
    expect(budget.admits(mixer, large)).toBe(true);
    expect(budget.admits({}, large)).toBe(false);
  });

  it('takes the word of the system for how much of that time the device works', () => {
    const budget = new DeviceBudget();
    const mixers = [{}, {}, {}, {}];
    for (const each of mixers) budget.hold(each, large);
    for (let second = 0; second < 200; second += 1) {
      for (const each of mixers) budget.learn(each, stats(0.4));
      budget.observe(0.7);
    }
    expect(budget.taken).toBeCloseTo(0.7);
    expect(budget.admits({}, large)).toBe(true);
    budget.observe(undefined);
    for (const each of mixers) budget.learn(each, stats(0.4));
    expect(budget.taken).toBeCloseTo(1.6);
  });

  it('keeps who is on it while it drains, and takes nothing of nobody', () => {
    const budget = new DeviceBudget({ state: 'draining' });
    expect([budget.isOpen, budget.taken]).toEqual([true, 0]);
    budget.state = 'drained';
    expect(budget.isOpen).toBe(false);
  });
});

describe('the costs of pictures', () => {
  it('are those of the nearest size that is known, in proportion', () => {
    const costs = new PictureCosts(10);
    expect(costs.share(usualWish)).toBeCloseTo(0.3);
    costs.learn(wishOf(small), 4);
    expect(costs.share(wishOf(small))).toBeCloseTo(0.12);
    expect(costs.share(wishOf(large))).toBeCloseTo(0.48);
    costs.learn(wishOf(large), 8);
    expect(costs.share(wishOf(large))).toBeCloseTo(0.24);
  });

  it('of an empty room do not make others cheap', () => {
    const costs = new PictureCosts(10);
    costs.learn(usualWish, 10);
    costs.learn(usualWish, 1);
    expect(costs.share(usualWish)).toBeGreaterThan(0.28);
    for (const ms of [NaN, -1, 0]) costs.learn(usualWish, ms);
    expect(costs.share({ pixels: 0, framerate: 30 })).toBe(0);
    expect(wishOf({ outputs: [] })).toEqual({ pixels: 0, framerate: 0 });
  });
});
