import { describe, expect, it } from 'vitest';
import { seededRandom } from '../rtp/made-packets.ts';
import { FrameRate } from './frame-rate.ts';

describe('the frame rate of an encoder', () => {
  it.each([24, 30, 15, 30_000 / 1001, 7])('keeps %f a second for a day without drift', (fps) => {
    const rate = new FrameRate(fps, 1000, 0xffff0000);
    const last = Math.round(86_400 * fps);
    const first = rate.take(1000);
    expect(first).toEqual({ index: 0, timestamp: 0xffff0000, dueMs: 1000, skipped: 0 });
    const picture = rate.take(1000 + (last * 1000) / fps + 0.001);
    expect(picture?.index).toBe(last);
    expect(picture?.timestamp).toBe((0xffff0000 + Math.round((last * 90_000) / fps)) % 2 ** 32);
    expect(picture?.skipped).toBe(last - 1);
  });

  it('gives each picture once, however unsteady its timer', () => {
    const random = seededRandom(3);
    const rate = new FrameRate(30, 0);
    let expected = 0;
    let nowMs = 0;
    while (expected < 3000) {
      const picture = rate.take(nowMs);
      if (picture !== undefined) {
        expect(picture).toMatchObject({ index: expected, timestamp: expected * 3000, skipped: 0 });
        expect(nowMs - picture.dueMs).toBeGreaterThanOrEqual(-0.001);
        expected++;
      }
      nowMs = Math.max(nowMs, rate.nextMs - 3 + random() * 20);
    }
  });

  it.each([24, 30, 30_000 / 1001, 60])(
    'one follows another of the same %f a second, at times of today',
    (fps) => {
      // Numbers so large come in steps of a quarter of a microsecond.
      const startMs = 1_795_000_000_000 + 1 / 3;
      const beat = new FrameRate(fps, startMs);
      const follower = new FrameRate(fps, startMs);
      for (let index = 0; index < 1000; index++) {
        const dueMs = beat.take(beat.nextMs)?.dueMs ?? 0;
        expect(follower.take(dueMs)).toMatchObject({ index, skipped: 0 });
      }
    },
  );

  it('leaves out what it is too late for', () => {
    const rate = new FrameRate(25, 0);
    expect(rate.take(0)?.index).toBe(0);
    expect(rate.take(39)).toBeUndefined();
    expect(rate.take(170)).toEqual({ index: 4, timestamp: 4 * 3600, dueMs: 160, skipped: 3 });
    expect(rate.take(199)).toBeUndefined();
    expect(rate.nextMs).toBe(200);
  });

  it('goes on smoothly at another rate', () => {
    const rate = new FrameRate(30, 0);
    rate.take(0);
    rate.take(34);
    rate.setFps(10);
    expect(rate.nextMs).toBeCloseTo(66.667, 2);
    expect(rate.take(66.7)).toMatchObject({ index: 2, timestamp: 6000, skipped: 0 });
    expect(rate.take(166.7)).toMatchObject({ index: 3, timestamp: 15_000 });
    rate.setFps(30);
    expect(rate.take(266.7)).toMatchObject({ index: 4, timestamp: 24_000 });
    expect(rate.take(300.1)).toMatchObject({ index: 5, timestamp: 27_000 });
  });
});
