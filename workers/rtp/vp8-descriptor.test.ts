import { describe, expect, it } from 'vitest';
import { parseVp8Descriptor, renumberVp8, Vp8Descriptor } from './vp8-descriptor.ts';

function parse(payload: readonly number[]): Vp8Descriptor | undefined {
  const descriptor = new Vp8Descriptor();
  const bytes = Uint8Array.from([0xff, ...payload, 0xff, 0xff, 0xff]);
  return parseVp8Descriptor(bytes, 1, 1 + payload.length, descriptor) ? descriptor : undefined;
}

describe('the VP8 payload descriptor', () => {
  it.each<[string, number[], Partial<Vp8Descriptor> | undefined]>([
    ['one byte', [0x10], { length: 1, startOfFrame: true, pictureId: -1, tl0PicIdx: -1, temporalLayer: -1 }],
    ['not the start', [0x00], { startOfFrame: false }],
    ['start of a later partition', [0x13], { startOfFrame: false }],
    ['non-reference bit set', [0x30], { startOfFrame: true }],
    [
      '7-bit picture id',
      [0x90, 0x80, 0x7f],
      { length: 3, pictureId: 0x7f, pictureIdBits: 7, pictureIdAt: 2 },
    ],
    ['15-bit picture id', [0x90, 0x80, 0xff, 0xfe], { length: 4, pictureId: 0x7ffe, pictureIdBits: 15 }],
    [
      'everything',
      [0x90, 0xf0, 0x81, 0x02, 200, 0xa1],
      { length: 6, pictureId: 0x102, tl0PicIdx: 200, tl0PicIdxAt: 4, temporalLayer: 2 },
    ],
    [
      'TL0PICIDX without picture id',
      [0x90, 0x60, 9, 0x40],
      { tl0PicIdx: 9, tl0PicIdxAt: 2, temporalLayer: 1 },
    ],
    ['KEYIDX alone', [0x90, 0x10, 0x05], { length: 3, temporalLayer: -1 }],
    ['nothing', [], undefined],
    ['flags cut off', [0x80], undefined],
    ['picture id cut off', [0x90, 0x80], undefined],
    ['half a picture id', [0x90, 0x80, 0x80], undefined],
    ['TL0PICIDX cut off', [0x90, 0xc0, 0x01], undefined],
    ['layers cut off', [0x90, 0xa0, 0x01], undefined],
  ])('%s', (_name, payload, expected) => {
    if (expected === undefined) expect(parse(payload)).toBeUndefined();
    else expect(parse(payload)).toMatchObject(expected);
  });

  it.each([
    [[0x90, 0xe0, 0x81, 0x02, 200, 0x20, 7], 0x7fff, 255, [0x90, 0xe0, 0xff, 0xff, 255, 0x20, 7]],
    [[0x90, 0xe0, 0x81, 0x02, 200, 0x20, 7], 0, 0, [0x90, 0xe0, 0x80, 0x00, 0, 0x20, 7]],
    [[0x90, 0x80, 0x11, 7], 0x45, -1, [0x90, 0x80, 0x45, 7]],
    [[0x10, 7], 5, 5, [0x10, 7]],
  ])('renumbers %j to picture %i, TL0 %i', (payload, pictureId, tl0PicIdx, expected) => {
    const descriptor = parse(payload);
    expect(descriptor).toBeDefined();
    if (descriptor === undefined) return;
    const target = Uint8Array.from([1, 2, ...payload]);
    renumberVp8(target, 2, descriptor, pictureId, tl0PicIdx);
    expect([...target]).toEqual([1, 2, ...expected]);
  });
});
