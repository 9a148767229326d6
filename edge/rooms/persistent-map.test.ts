import { describe, expect, it } from 'vitest';
import { put, without } from './persistent-map.ts';

/** A small generator of numbers below `limit`; the same seed gives the same run. */
function seeded(seed: number) {
  let state = seed;
  return (limit: number) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * limit);
  };
}

describe('persistent map', () => {
  it.each([10, 17, 33, 70, 300, 3000])('does what a Map does, over %i keys', (keys) => {
    const seed = Date.now() % 1_000_000;
    const below = seeded(seed);
    const model = new Map<string, number>();
    let map: ReadonlyMap<string, number> = new Map();
    for (let step = 0; step < 4000; step += 1) {
      const key = `k${below(keys)}`;
      if (below(3) > 0) {
        model.set(key, step);
        map = put(map, key, step);
      } else {
        const gone = [key, ...Array.from({ length: below(4) }, () => `k${below(keys)}`)];
        for (const each of gone) model.delete(each);
        map = without(map, gone);
      }
      if (step % 50 === 0) {
        expect([...map], `seed ${seed}, step ${step}`).toEqual([...model]);
        expect(map.size, `seed ${seed}, step ${step}`).toBe(model.size);
        expect(map.get(key)).toBe(model.get(key));
        expect(map.has(key)).toBe(model.has(key));
      }
    }
    expect([...map.keys()]).toEqual([...model.keys()]);
    expect([...map.values()]).toEqual([...model.values()]);
    const told: [string, number][] = [];
    map.forEach((value, key) => told.push([key, value]));
    expect(told).toEqual([...model]);
  });

  it('leaves every earlier copy as it was', () => {
    let map: ReadonlyMap<string, number> = new Map();
    const copies: [ReadonlyMap<string, number>, string][] = [];
    for (let step = 0; step < 500; step += 1) {
      map = step % 7 === 3 ? without(map, [`k${step - 2}`, `k${step - 50}`]) : put(map, `k${step}`, step);
      if (step % 10 === 0) copies.push([map, JSON.stringify([...map])]);
    }
    for (const [copy, text] of copies) expect(JSON.stringify([...copy])).toBe(text);
  });

  it('keeps versions apart that came from the same copy', () => {
    let base: ReadonlyMap<string, number> = new Map();
    for (let step = 0; step < 50; step += 1) base = put(base, `k${step}`, step);
    const left = put(put(base, 'a', 1), 'b', 1);
    const right = put(put(base, 'b', 2), 'a', 2);
    expect([...left].slice(50)).toEqual([
      ['a', 1],
      ['b', 1],
    ]);
    expect([...right].slice(50)).toEqual([
      ['b', 2],
      ['a', 2],
    ]);
    expect([base.has('a'), base.get('b'), left.get('b'), right.get('b')]).toEqual([false, undefined, 1, 2]);
    expect(put(without(left, ['a']), 'a', 3).get('a')).toBe(3);
  });

  it('costs the same however many keys came and went', () => {
    let map: ReadonlyMap<string, number> = new Map();
    for (let step = 0; step < 100; step += 1) map = put(map, `k${step}`, step);
    for (let step = 100; step < 20_000; step += 1) {
      map = put(without(map, [`k${step - 100}`]), `k${step}`, step);
    }
    expect(map.size).toBe(100);
    expect([...map.values()][0]).toBe(19_900);
  });

  it('is the same map when there was nothing to take away', () => {
    const map = new Map([['a', 1]]);
    expect(without(map, [])).toBe(map);
    expect(without(map, ['b'])).toBe(map);
  });
});
