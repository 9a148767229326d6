import { describe, expect, it } from 'vitest';
import {
  extendSequence,
  extendTimestamp,
  isNewerSequence,
  isNewerTimestamp,
  sequenceDelta,
  timestampDelta,
} from './sequence.ts';
import { firstCycle, SequenceUnwrapper } from './sequence-unwrapper.ts';

describe('sequence arithmetic', () => {
  it.each([
    [5, 3, 2],
    [3, 5, -2],
    [0, 0xffff, 1],
    [0xffff, 0, -1],
    [0x8000, 0, -0x8000],
    [0x7fff, 0, 0x7fff],
    [10, 0xfff6, 20],
  ])('the distance to %i from %i is %i', (to, from, delta) => {
    expect(sequenceDelta(to, from)).toBe(delta);
    expect(isNewerSequence(to, from)).toBe(delta > 0);
  });

  it.each([
    [0, 0xffffffff, 1],
    [0xffffffff, 0, -1],
    [90, 0xffffffa6, 180],
    [0x80000000, 1, 0x7fffffff],
  ])('the distance of timestamps to %i from %i is %i', (to, from, delta) => {
    expect(timestampDelta(to, from)).toBe(delta);
    expect(isNewerTimestamp(to, from)).toBe(delta > 0);
  });

  it.each([
    [1, 0xffff, 0x10001],
    [0xffff, 0x10001, 0xffff],
    [7, 0x50005, 0x50007],
    [0xfff0, 0x50005, 0x4fff0],
    [3, 2 ** 40 + 0xfffe, 2 ** 40 + 0x10003],
  ])('%i extended near %i is %i', (sequence, reference, extended) => {
    expect(extendSequence(sequence, reference)).toBe(extended);
  });

  it.each([
    [5, 0xffffffff, 0x100000005],
    [0xffffffff, 0x100000005, 0xffffffff],
    [0x80000000, 0x7fffffff, 0x80000000],
  ])('timestamp %i extended near %i is %i', (timestamp, reference, extended) => {
    expect(extendTimestamp(timestamp, reference)).toBe(extended);
  });
});

describe('SequenceUnwrapper', () => {
  it('goes on over wraps, forwards and backwards', () => {
    const unwrapper = new SequenceUnwrapper();
    expect(
      [0xfffe, 0xffff, 1, 0, 0xfffd, 2].map((sequence) => unwrapper.unwrap(sequence) - firstCycle),
    ).toEqual([0xfffe, 0xffff, 0x10001, 0x10000, 0xfffd, 0x10002]);
  });

  it('keeps packets before the first one positive', () => {
    const unwrapper = new SequenceUnwrapper();
    unwrapper.unwrap(1);
    expect(unwrapper.unwrap(0xffff)).toBe(firstCycle - 1);
  });

  it('ignores one foreign packet and follows a sender that starts over', () => {
    const unwrapper = new SequenceUnwrapper();
    unwrapper.unwrap(30000);
    expect(unwrapper.unwrap(5)).toBe(-1);
    expect(unwrapper.unwrap(30001)).toBe(firstCycle + 30001);
    expect(unwrapper.unwrap(5)).toBe(-1);
    expect(unwrapper.unwrap(6)).toBe(2 * firstCycle + 6);
    expect(unwrapper.restarts).toBe(1);
    expect(unwrapper.unwrap(7)).toBe(2 * firstCycle + 7);
  });

  it('follows a jump far ahead from its second packet on', () => {
    const unwrapper = new SequenceUnwrapper();
    unwrapper.unwrap(10);
    expect(unwrapper.unwrap(20000)).toBe(-1);
    expect(unwrapper.unwrap(20001)).toBe(firstCycle + 20001);
    expect(unwrapper.restarts).toBe(1);
  });

  it('counts up for several cycles', () => {
    const unwrapper = new SequenceUnwrapper();
    let last = unwrapper.unwrap(0);
    for (let number = 1; number < 300_000; number++) {
      const extended = unwrapper.unwrap(number & 0xffff);
      if (extended !== last + 1) throw new Error(`${extended} after ${last}`);
      last = extended;
    }
    expect(last).toBe(firstCycle + 299_999);
  });
});
