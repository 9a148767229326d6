import { describe, expect, it } from 'vitest';
import { PacketHistory } from './history.ts';
import { headerOf, madeRtp, madeVp8 } from './made-packets.ts';
import { firstCycle } from './sequence-unwrapper.ts';

function store(history: PacketHistory, sequence: number, payload?: readonly number[]) {
  const bytes = madeRtp({ sequence, ...(payload === undefined ? {} : { payload }) });
  return history.store(bytes, headerOf(bytes), 5);
}

describe('PacketHistory', () => {
  it('finds what it stored, by extended and by 16-bit number, over a wrap', () => {
    const history = new PacketHistory('other', 8);
    for (const sequence of [0xfffe, 0xffff, 0, 1]) store(history, sequence);
    expect(history.findSequence(0xffff)?.extended).toBe(firstCycle + 0xffff);
    expect(history.findSequence(1)?.extended).toBe(firstCycle + 0x10001);
    expect(history.find(firstCycle + 0x10000)?.sequence).toBe(0);
    expect(history.findSequence(2)).toBeUndefined();
    expect(history.highest).toBe(firstCycle + 0x10001);
  });

  it('keeps only the latest', () => {
    const history = new PacketHistory('other', 4);
    for (let sequence = 10; sequence < 20; sequence++) store(history, sequence);
    expect([14, 15, 16, 19].map((sequence) => history.findSequence(sequence)?.sequence)).toEqual([
      undefined,
      undefined,
      16,
      19,
    ]);
  });

  it('ignores duplicates and packets too old to keep, takes late ones', () => {
    const history = new PacketHistory('other', 4);
    for (const sequence of [10, 11, 13]) expect(store(history, sequence)).toBeDefined();
    expect(store(history, 11)).toBeUndefined();
    expect(store(history, 13)).toBeUndefined();
    expect(store(history, 12)).toBeDefined();
    expect(store(history, 9)).toBeUndefined();
  });

  it('follows a sender that starts over', () => {
    const history = new PacketHistory('other', 4);
    store(history, 40000);
    expect(store(history, 100)).toBeUndefined();
    expect(store(history, 101)?.extended).toBeGreaterThan(firstCycle + 40000);
    expect(history.restarts).toBe(1);
  });

  it('works out key frames and VP8 numbers once', () => {
    const history = new PacketHistory('vp8');
    expect(store(history, 1, madeVp8({ pictureId: 0x1234, tl0PicIdx: 9, key: true }))).toMatchObject({
      keyFrame: true,
      pictureId: 0x1234,
      pictureIdBits: 15,
      pictureIdAt: 2,
      tl0PicIdx: 9,
      tl0PicIdxAt: 4,
    });
    expect(store(history, 2, [0x10, 0x11])).toMatchObject({ keyFrame: false, pictureId: -1, tl0PicIdx: -1 });
    expect(store(history, 3, [])).toMatchObject({ keyFrame: false, pictureId: -1 });
  });

  it('lets go of everything when cleared, and goes on', () => {
    const history = new PacketHistory('other');
    store(history, 7);
    history.clear();
    expect(history.findSequence(7)).toBeUndefined();
    expect(store(history, 8)?.extended).toBe(firstCycle + 8);
  });

  it('wants a power of two', () => {
    expect(() => new PacketHistory('other', 1000)).toThrow(RangeError);
  });
});
