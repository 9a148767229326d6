import { describe, expect, it } from 'vitest';
import { SoundQueue } from './sound-queue.ts';

const counting = (from: number, count: number): Float32Array =>
  Float32Array.from({ length: count }, (_, at) => from + at);

describe('a sound queue', () => {
  it('gives back in order what was put in, whatever the sizes', () => {
    const queue = new SoundQueue(1);
    const taken: number[] = [];
    let put = 1;
    for (const size of [960, 2880, 480, 480, 9600]) {
      queue.push(counting(put, size));
      put += size;
      while (taken.length + 960 < put) taken.push(...(queue.take(960) ?? []));
    }
    expect(taken).toEqual([...counting(1, put - 1)]);
  });

  it('keeps channels together', () => {
    const queue = new SoundQueue(2);
    queue.push(counting(0, 6));
    expect(queue.take(2)).toEqual(counting(0, 4));
    expect(queue.take(1)).toEqual(counting(4, 2));
  });

  it('gives nothing for silence, and sound after it in its place', () => {
    const queue = new SoundQueue(1);
    queue.silence(6);
    queue.push(Float32Array.of(1, 2));
    queue.silence(2);
    queue.push(Float32Array.of(3));
    expect(queue.take(4)).toBeUndefined();
    expect(queue.take(4)).toEqual(Float32Array.of(0, 0, 1, 2));
    expect(queue.take(4)).toEqual(Float32Array.of(0, 0, 3, 0));
    expect(queue.take(4)).toBeUndefined();
  });

  it('forgets the sound but not the time when it is muted', () => {
    const queue = new SoundQueue(1);
    queue.push(Float32Array.of(1, 2, 3, 4));
    queue.mute();
    queue.push(Float32Array.of(5, 6));
    expect(queue.take(4)).toBeUndefined();
    expect(queue.take(2)).toEqual(Float32Array.of(5, 6));
  });

  it('has a bound', () => {
    const queue = new SoundQueue(1);
    for (let index = 0; index < 100; index++) queue.push(counting(0, 960));
    let frames = 0;
    while (queue.take(960) !== undefined) frames += 960;
    expect(frames).toBeLessThanOrEqual(9600 + 960);
  });
});
