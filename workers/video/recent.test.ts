import { describe, expect, it } from 'vitest';
import { Recent } from './recent.ts';

describe('Recent', () => {
  it('has nothing at first', () => {
    expect(new Recent().distribution(0)).toEqual({ p50: 0, p99: 0 });
    expect(new Recent().count(0, 1000)).toBe(0);
  });

  it('tells the middle and the upper end of the last five seconds', () => {
    const recent = new Recent();
    recent.add(10_000, 0);
    for (let i = 1; i <= 100; i++) recent.add(i, 5000 + i);
    expect(recent.distribution(5200)).toEqual({ p50: 51, p99: 100 });
    expect(recent.distribution(20_000)).toEqual({ p50: 0, p99: 0 });
  });

  it('counts samples within a time', () => {
    const recent = new Recent();
    for (let i = 0; i < 100; i++) recent.add(1, i * 100);
    expect(recent.count(9900, 1000)).toBe(10);
  });

  it('keeps the latest of very many', () => {
    const recent = new Recent();
    for (let i = 0; i < 10_000; i++) recent.add(i < 5000 ? 1 : 2, 100);
    expect(recent.distribution(100)).toEqual({ p50: 2, p99: 2 });
  });
});
