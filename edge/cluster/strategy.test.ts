import { describe, expect, it } from 'vitest';
import { choose, strategies, type Candidate } from './strategy.ts';

const workers = (...loads: number[]): Candidate[] =>
  loads.map((load, index) => ({ worker: 'ABCDE'.charAt(index), load }));
const only = (all: readonly Candidate[], ids: string) => all.filter(({ worker }) => ids.includes(worker));

describe('strategies', () => {
  it.each(strategies)('%s chooses nobody of nobody', (strategy) => {
    expect(choose(strategy, workers(), 'A', 0.5)).toBeUndefined();
  });

  it.each([
    { strategy: 'last-used', loads: [0.3, 0.1, 0.1], last: undefined, chosen: 'A' },
    { strategy: 'last-used', loads: [0.3, 0.1, 0.1], last: 'C', chosen: 'C' },
    { strategy: 'last-used', loads: [0.3, 0.1, 0.1], last: 'gone', chosen: 'A' },
    { strategy: 'least-used', loads: [0.3, 0.1, 0.1], last: 'C', chosen: 'B' },
    { strategy: 'most-used', loads: [0.3, 0.5, 0.5], last: 'A', chosen: 'C' },
    { strategy: 'round-robin', loads: [0, 0, 0], last: undefined, chosen: 'A' },
    { strategy: 'round-robin', loads: [0, 0, 0], last: 'A', chosen: 'B' },
    { strategy: 'round-robin', loads: [0, 0, 0], last: 'C', chosen: 'A' },
    { strategy: 'round-robin', loads: [0, 0, 0], last: 'gone', chosen: 'A' },
  ] as const)('cluster#8 $strategy of $loads after $last: $chosen', ({ strategy, loads, last, chosen }) => {
    expect(choose(strategy, workers(...loads), last, 0)?.worker).toBe(chosen);
  });

  it('cluster#8 round-robin goes on with C after A when B has left', () => {
    expect(choose('round-robin', only(workers(0, 0, 0), 'AC'), 'A', 0)?.worker).toBe('C');
  });

  it('cluster#9 randomly-pick gives each of three workers its third of 3000 tasks', () => {
    const counts = new Map<string, number>();
    for (let task = 0; task < 3000; task += 1) {
      const chosen = choose('randomly-pick', workers(0, 0.5, 0.8), undefined, ((task * 7919) % 3000) / 3000);
      const id = chosen?.worker ?? 'nobody';
      counts.set(id, (counts.get(id) ?? 0) + 1);
    }
    expect([...counts]).toEqual(
      expect.arrayContaining([
        ['A', 1000],
        ['B', 1000],
        ['C', 1000],
      ]),
    );
  });

  it('randomly-pick stays within the list at both ends of chance', () => {
    expect(choose('randomly-pick', workers(0, 0), undefined, 0)?.worker).toBe('A');
    expect(choose('randomly-pick', workers(0, 0), undefined, 1 - Number.EPSILON)?.worker).toBe('B');
  });
});
