import { describe, expect, it } from 'vitest';
import { vp9KeyFrame } from '../rtp/vp9-payload.ts';
import { parseVp8Descriptor, Vp8Descriptor } from '../rtp/vp8-descriptor.ts';
import { vp8Depacketizer } from './depacketize-vp8.ts';
import { vp9Depacketizer } from './depacketize-vp9.ts';
import { mediaPackets } from './made-streams.ts';
import { Vp8Packetizer } from './packetize-vp8.ts';
import { Vp9Packetizer } from './packetize-vp9.ts';
import { parseVp9Descriptor, Vp9Descriptor } from './vp9-descriptor.ts';

/** [keyFrame, ...bytes], or undefined when incomplete. */
function vp8(...payloads: readonly number[][]): unknown {
  const result = vp8Depacketizer.depacketize(mediaPackets(payloads));
  return result.type === 'complete' ? [result.frame.keyFrame, ...result.frame.data] : undefined;
}
function vp9(...payloads: readonly number[][]): unknown {
  const result = vp9Depacketizer.depacketize(mediaPackets(payloads));
  return result.type === 'complete' ? [result.frame.keyFrame, ...result.frame.data] : undefined;
}

describe('VP8 frames', () => {
  it.each<[string, number[][], unknown]>([
    [
      'bare descriptors',
      [
        [0x10, 0x10, 1],
        [0x00, 2],
      ],
      [true, 0x10, 1, 2],
    ],
    [
      'further partitions',
      [
        [0x10, 0x11, 1],
        [0x11, 2],
        [0x12, 3],
      ],
      [false, 0x11, 1, 2, 3],
    ],
    [
      '7-bit picture id',
      [
        [0x90, 0x80, 5, 0x10],
        [0x80, 0x80, 5, 7],
      ],
      [true, 0x10, 7],
    ],
    [
      '15-bit picture id',
      [
        [0x90, 0x80, 0x85, 1, 0x10],
        [0x80, 0x80, 0x85, 1, 7],
      ],
      [true, 0x10, 7],
    ],
    [
      'another picture id within',
      [
        [0x90, 0x80, 5, 0x10],
        [0x80, 0x80, 6, 7],
      ],
      undefined,
    ],
    ['no start', [[0x00, 0x10]], undefined],
    [
      'two starts',
      [
        [0x10, 0x10],
        [0x10, 0x11],
      ],
      undefined,
    ],
    ['a descriptor alone', [[0x10]], undefined],
    ['a descriptor cut short', [[0x90, 0x80]], undefined],
    ['padding within and behind', [[0x10, 0x11], [], [0x00, 3]], [false, 0x11, 3]],
  ])('%s', (_name, payloads, expected) => {
    expect(vp8(...payloads)).toEqual(expected);
  });

  it('numbers pictures over their wraps', () => {
    const packetizer = new Vp8Packetizer(0x7fff, 255);
    const seen = [0, 1].map(() => {
      const descriptor = new Vp8Descriptor();
      const [first] = packetizer.packetize(Uint8Array.of(0x10, 1, 2), 100);
      const { payload } = first ?? { payload: new Uint8Array(0) };
      expect(parseVp8Descriptor(payload, 0, payload.length, descriptor)).toBe(true);
      return [descriptor.pictureId, descriptor.tl0PicIdx, descriptor.temporalLayer, descriptor.pictureIdBits];
    });
    expect(seen).toEqual([
      [0x7fff, 255, 0, 15],
      [0, 0, 0, 15],
    ]);
    expect(packetizer.packetize(new Uint8Array(0), 100)).toEqual([]);
  });
});

describe('VP9 pictures', () => {
  it.each<[string, number[][], unknown]>([
    ['one packet, non-flexible', [[0x8c, 5, 1, 2]], [true, 1, 2]],
    [
      'two packets, 15-bit picture id',
      [
        [0x88, 0x80, 5, 1],
        [0x84, 0x80, 5, 2],
      ],
      [true, 1, 2],
    ],
    ['inter picture', [[0xcc, 5, 1]], [false, 1]],
    ['key frame header', [[0x8c, 5, 0x82, 0x49]], [true, 0x82, 0x49]],
    ['inter frame of a sender that does not say so', [[0x8c, 5, 0x86]], [false, 0x86]],
    ['the same with profile 3', [[0x8c, 5, 0xb2]], [false, 0xb2]],
    ['an existing frame shown again', [[0x8c, 5, 0x88]], [false, 0x88]],
    ['layer indices and TL0PICIDX', [[0xac, 5, 0x20, 9, 1]], [true, 1]],
    ['flexible, two references', [[0xdc, 5, 0x03, 0x04, 1]], [false, 1]],
    ['flexible, layer indices', [[0xfc, 5, 0, 0x02, 1]], [false, 1]],
    ['flexible, four references', [[0xdc, 5, 3, 3, 3, 2, 1]], undefined],
    ['structure with sizes and group', [[0x8e, 5, 0x18, 1, 64, 0, 48, 1, 0x04, 1, 7]], [true, 7]],
    ['structure cut short', [[0x8e, 5, 0x18, 1, 64]], undefined],
    [
      'two layers of one picture',
      [
        [0xac, 5, 0x00, 9, 1],
        [0xac, 5, 0x03, 9, 2],
      ],
      [true, 1, 2],
    ],
    ['an upper layer without the lower', [[0xac, 5, 0x03, 9, 2]], undefined],
    [
      'layers in the wrong order',
      [
        [0xac, 5, 0x00, 9, 1],
        [0xac, 5, 0x00, 9, 2],
      ],
      undefined,
    ],
    ['no start', [[0x84, 5, 1]], undefined],
    ['no end', [[0x88, 5, 1]], undefined],
    [
      'two starts',
      [
        [0x88, 5, 1],
        [0x8c, 5, 1],
      ],
      undefined,
    ],
    [
      'another picture id within',
      [
        [0x88, 5, 1],
        [0x84, 6, 1],
      ],
      undefined,
    ],
    ['a descriptor alone', [[0x8c, 5]], undefined],
  ])('%s', (_name, payloads, expected) => {
    expect(vp9(...payloads)).toEqual(expected);
  });

  it('tells the structure with key frames only, and numbers pictures over their wraps', () => {
    const packetizer = new Vp9Packetizer(0x7fff, 255);
    const seen = [true, false].map((key) =>
      packetizer
        .packetize(
          Uint8Array.from({ length: 30 }, () => 1),
          key,
          29,
        )
        .map(({ payload }) => {
          const descriptor = new Vp9Descriptor();
          expect(parseVp9Descriptor(payload, descriptor)).toBe(true);
          const { pictureId, tl0PicIdx, interPicture, startOfLayer, endOfLayer, flexible, length } =
            descriptor;
          expect(flexible).toBe(false);
          expect(vp9KeyFrame(payload, 0, payload.length)).toBe(key && startOfLayer);
          return [pictureId, tl0PicIdx, interPicture, startOfLayer, endOfLayer, length];
        }),
    );
    expect(seen).toEqual([
      [
        [0x7fff, 255, false, true, false, 9],
        [0x7fff, 255, false, false, true, 5],
      ],
      [
        [0, 0, true, true, false, 5],
        [0, 0, true, false, true, 5],
      ],
    ]);
  });
});
