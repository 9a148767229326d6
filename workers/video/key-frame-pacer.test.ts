import { describe, expect, it } from 'vitest';
import { KeyFramePacer } from './key-frame-pacer.ts';

describe('KeyFramePacer', () => {
  it('begins with a key frame', () => {
    expect(new KeyFramePacer(100).isDue(5)).toBe(true);
  });

  it('wants one in every interval, counted from the last, whoever made that', () => {
    const pacer = new KeyFramePacer(2);
    pacer.made(1000);
    expect([1033, 2999, 3000].map((atMs) => pacer.isDue(atMs))).toEqual([false, false, true]);
    pacer.made(2500);
    expect([3000, 4499, 4500].map((atMs) => pacer.isDue(atMs))).toEqual([false, false, true]);
    pacer.setInterval(1);
    expect(pacer.isDue(3500)).toBe(true);
  });

  it('answers a request at once when none was made lately', () => {
    const pacer = new KeyFramePacer(100);
    pacer.made(0);
    pacer.request();
    expect(pacer.isDue(500)).toBe(true);
  });

  it('answers many requests with one, a moment after the last', () => {
    const pacer = new KeyFramePacer(100);
    pacer.made(0);
    for (let i = 0; i < 5; i++) pacer.request();
    expect([100, 149, 150].map((atMs) => pacer.isDue(atMs))).toEqual([false, false, true]);
    pacer.made(150);
    expect(pacer.isDue(1500)).toBe(false);
  });

  it('makes two a second for who asks all the time, after a few at first', () => {
    const pacer = new KeyFramePacer(100);
    const made: number[] = [];
    for (let atMs = 0; atMs <= 3000; atMs += 50) {
      pacer.request();
      if (!pacer.isDue(atMs)) continue;
      pacer.made(atMs);
      made.push(atMs);
    }
    expect(made).toEqual([0, 150, 300, 500, 1000, 1500, 2000, 2500, 3000]);
  });
});
