import { describe, expect, it } from 'vitest';
import { CircuitBreaker } from './circuit-breaker.ts';

describe('CircuitBreaker', () => {
  it('lets everybody begin until something fails, then nobody for ten seconds', () => {
    const breaker = new CircuitBreaker();
    breaker.begun(0);
    breaker.begun(1);
    expect(breaker.allows(1)).toBe(true);
    breaker.failed(1000);
    expect([1000, 10_999, 11_000].map((at) => breaker.allows(at))).toEqual([false, false, true]);
  });

  it('lets one try, and all when that one went well', () => {
    const breaker = new CircuitBreaker();
    breaker.failed(0);
    breaker.begun(10_000);
    expect(breaker.allows(10_001)).toBe(false);
    breaker.worked();
    expect(breaker.allows(10_002)).toBe(true);
    breaker.begun(10_002);
    expect(breaker.allows(10_003)).toBe(true);
  });

  it('waits twice as long each time that the trial fails, up to ten minutes', () => {
    const breaker = new CircuitBreaker();
    let atMs = 0;
    const waits: number[] = [];
    for (let round = 0; round < 9; round++) {
      breaker.begun(atMs);
      breaker.failed(atMs);
      const failedMs = atMs;
      while (!breaker.allows(atMs)) atMs += 1000;
      waits.push((atMs - failedMs) / 1000);
    }
    expect(waits).toEqual([10, 20, 40, 80, 160, 320, 600, 600, 600]);
  });

  it('counts pipelines that fail together once', () => {
    const breaker = new CircuitBreaker();
    for (let at = 0; at < 10; at++) breaker.failed(at);
    expect(breaker.allows(10_000)).toBe(true);
  });

  it('lets another one try when nothing is heard of the first', () => {
    const breaker = new CircuitBreaker();
    breaker.failed(0);
    breaker.begun(10_000);
    expect([39_999, 40_000].map((at) => breaker.allows(at))).toEqual([false, true]);
  });

  it('forgets what was long ago', () => {
    const breaker = new CircuitBreaker();
    breaker.failed(0);
    breaker.worked();
    breaker.failed(10_000);
    breaker.worked();
    breaker.failed(700_000);
    expect(breaker.allows(710_000)).toBe(true);
  });
});
