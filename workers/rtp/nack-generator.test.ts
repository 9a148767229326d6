import { describe, expect, it } from 'vitest';
import { NackGenerator } from './nack-generator.ts';

function after(sequences: readonly number[], nowMs = 0): NackGenerator {
  const generator = new NackGenerator();
  for (const sequence of sequences) generator.received(sequence, nowMs);
  return generator;
}

describe('NackGenerator', () => {
  it.each<[string, number[], number[]]>([
    ['nothing missing', [1, 2, 3], []],
    ['a hole', [1, 4], [2, 3]],
    ['a hole over the wrap', [0xfffe, 1], [0xffff, 0]],
    ['a hole that was filled', [1, 3, 2], []],
    ['nothing before the first packet', [500, 501], []],
    ['late packets from before the first', [5, 3, 6], []],
    ['a foreign packet', [5, 40000, 6], []],
    ['a sender that starts over', [5, 9, 40000, 40001, 40003], [40002]],
  ])('%s', (_name, sequences, missing) => {
    expect(after(sequences).due(10)).toEqual(missing);
  });

  it('gives packets 10 ms to come out of order', () => {
    const generator = after([1, 3]);
    expect(generator.due(9)).toEqual([]);
    generator.received(2, 9);
    expect(generator.due(10)).toEqual([]);
    expect(generator.recovered).toBe(1);
  });

  it('asks again once a round trip has passed, and not after the packet came', () => {
    const generator = after([1, 4]);
    generator.rttMs = 60;
    expect(generator.due(10)).toEqual([2, 3]);
    expect(generator.due(69)).toEqual([]);
    generator.received(2, 69);
    expect(generator.due(70)).toEqual([3]);
    expect(generator.due(129)).toEqual([]);
  });

  it('does not ask faster than every 20 ms on a short way', () => {
    const generator = after([1, 3]);
    generator.rttMs = 1;
    generator.due(10);
    expect(generator.due(29)).toEqual([]);
    expect(generator.due(30)).toEqual([2]);
  });

  it('gives up after ten tries and wants a key frame, once', () => {
    const generator = after([1, 3]);
    generator.rttMs = 20;
    let asked = 0;
    for (let nowMs = 0; nowMs <= 400; nowMs += 5) asked += generator.due(nowMs).length;
    expect(asked).toBe(10);
    expect(generator.missing).toBe(0);
    expect(generator.abandoned).toBe(1);
    expect(generator.takeKeyFrameNeed()).toBe(true);
    expect(generator.takeKeyFrameNeed()).toBe(false);
  });

  it('gives up after a second on a long way', () => {
    const generator = after([1, 3]);
    generator.rttMs = 400;
    for (const nowMs of [10, 410, 810]) expect(generator.due(nowMs)).toEqual([2]);
    expect(generator.due(1000)).toEqual([]);
    expect(generator.takeKeyFrameNeed()).toBe(true);
  });

  it('never holds more than 1000 missing packets', () => {
    const generator = after([0, 900]);
    expect(generator.missing).toBe(899);
    generator.received(1100, 0);
    expect(generator.missing).toBe(0);
    expect(generator.takeKeyFrameNeed()).toBe(true);
    generator.received(1102, 0);
    expect(generator.due(10)).toEqual([1101]);
  });

  it('asks for at most 256 packets at a time, oldest first', () => {
    const generator = after([0, 600]);
    expect(generator.due(10)).toEqual(Array.from({ length: 256 }, (_, index) => index + 1));
    expect(generator.due(11)[0]).toBe(257);
  });
});
