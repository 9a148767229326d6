import { describe, expect, it } from 'vitest';
import { isKeyFrame, resolutionOf, type PayloadCodec } from './keyframe.ts';
import { madeVp8 } from './made-packets.ts';

/** A bit string, filled up with zeros to whole bytes. */
function bits(text: string): number[] {
  const clean = text.replaceAll(' ', '');
  const bytes: number[] = [];
  for (let at = 0; at < clean.length; at += 8)
    bytes.push(parseInt(clean.slice(at, at + 8).padEnd(8, '0'), 2));
  return bytes;
}
const fixed = (value: number, count: number): string => value.toString(2).padStart(count, '0');
/** Unsigned Exp-Golomb. */
const ue = (value: number): string => {
  const code = (value + 1).toString(2);
  return '0'.repeat(code.length - 1) + code;
};

// 1280x720 baseline: 80x45 macroblocks. 1920x1080 high: 120x68 less 8 rows. Emulation prevention in the third.
const baseline = bits(
  fixed(66, 8) +
    fixed(0xc0, 8) +
    fixed(31, 8) +
    [0, 0, 2, 1].map(ue).join('') +
    '0' +
    ue(79) +
    ue(44) +
    '1' +
    '1' +
    '0',
);
const high = bits(
  fixed(100, 8) +
    fixed(0, 8) +
    fixed(40, 8) +
    ue(0) +
    ue(1) +
    ue(0) +
    ue(0) +
    '0' +
    '1' +
    // One scaling list is given: every entry 8 + 1 - 1 …, ended by a next scale of 0 (delta -8, code 16).
    '1' +
    ue(16) +
    '0000000' +
    [0, 0, 2, 4].map(ue).join('') +
    '0' +
    ue(119) +
    ue(67) +
    '1' +
    '1' +
    '1' +
    [0, 0, 0, 4].map(ue).join('') +
    '0',
);
const interlaced = bits(
  fixed(77, 8) +
    fixed(0, 8) +
    fixed(30, 8) +
    ue(0) +
    ue(0) +
    ue(1) +
    '0' +
    ue(0) +
    ue(0) +
    ue(1) +
    ue(3) +
    ue(1) +
    '0' +
    ue(44) +
    ue(17) +
    '0' +
    '0' +
    '1' +
    '0' +
    '0',
);
const escaped = [
  0,
  0,
  3,
  1,
  ...bits([0, 0, 2, 1].map(ue).join('') + '0' + ue(39) + ue(29) + '1' + '1' + '0'),
];
const stapA = (...units: number[][]): number[] => [24, ...units.flatMap((unit) => [0, unit.length, ...unit])];

const vp9Header = (width: number, height: number, key = true): number[] =>
  bits(
    `10 00 0 ${key ? 0 : 1} 1 0 ${fixed(0x498342, 24)} 010 0 ${fixed(width - 1, 16)} ${fixed(height - 1, 16)}`,
  );
const vp9Profile1Header = bits(
  `10 10 0 0 1 0 ${fixed(0x498342, 24)} 010 0 110 ${fixed(319, 16)} ${fixed(179, 16)}`,
);

const av1Sequence = (width: number, height: number): number[] => [
  0x08,
  ...bits(
    `000 0 0 0 0 00000 ${fixed(0, 12)} 01000 0 1001 1000 ${fixed(width - 1, 10)} ${fixed(height - 1, 9)} 0`,
  ),
];
const av1Timed = [
  0x0a,
  19,
  ...bits(
    `000 0 0 1 ${fixed(1, 32)} ${fixed(30, 32)} 1 ${ue(2)} 0 1 00000 ${fixed(0, 12)} 00101 1 0011 0111 0111 ${fixed(199, 8)} ${fixed(99, 8)}`,
  ),
  0,
  0,
  0,
  0,
].slice(0, 21);

describe('key frames and their sizes', () => {
  it.each<[string, PayloadCodec, number[], boolean, [number, number] | undefined]>([
    ['VP8 key frame', 'vp8', madeVp8({ pictureId: 1, key: true }), true, [640, 360]],
    ['VP8 delta frame', 'vp8', madeVp8({ pictureId: 1 }), false, undefined],
    ['VP8 second packet', 'vp8', madeVp8({ pictureId: 1, key: true, start: false }), false, undefined],
    ['VP8 second partition', 'vp8', [0x11, 0x10, 0, 0], false, undefined],
    ['VP8 bare descriptor', 'vp8', [0x10, 0x10, 0, 0, 0x9d, 1, 0x2a, 0x40, 1, 0xf0, 0], true, [320, 240]],
    ['VP8 scaled size', 'vp8', [0x10, 0x10, 0, 0, 0x9d, 1, 0x2a, 0x40, 0x41, 0xf0, 0x80], true, [320, 240]],
    ['VP8 key frame cut short', 'vp8', [0x10, 0x10, 0, 0], true, undefined],
    ['VP8 descriptor alone', 'vp8', [0x10], false, undefined],
    ['VP8 nothing', 'vp8', [], false, undefined],

    ['VP9 key frame', 'vp9', [0x88, 0x80, 5, ...vp9Header(1280, 720)], true, [1280, 720]],
    ['VP9 profile 1', 'vp9', [0x08, ...vp9Profile1Header], true, [320, 180]],
    ['VP9 inter picture', 'vp9', [0xc8, 0x80, 5, ...vp9Header(1280, 720)], false, undefined],
    ['VP9 not the start of a frame', 'vp9', [0x80, 0x80, 5, 1, 2], false, undefined],
    ['VP9 lowest layer', 'vp9', [0xa8, 0x05, 0x00, 0, ...vp9Header(320, 180)], true, [320, 180]],
    ['VP9 lowest layer, flexible', 'vp9', [0xb8, 0x05, 0x00, ...vp9Header(320, 180)], true, [320, 180]],
    ['VP9 upper layer of a key picture', 'vp9', [0xa8, 0x05, 0x03, 0, 1, 2], false, undefined],
    [
      'VP9 with a structure of two layers',
      'vp9',
      [0xaa, 0x05, 0x00, 0, 0x30, 0x01, 0x40, 0, 0xb4, 0x02, 0x80, 0x01, 0x68, 1, 2],
      true,
      [640, 360],
    ],
    [
      'VP9 with a structure without sizes',
      'vp9',
      [0x8a, 5, 0x08, 2, 0x04, 1, 0x08, 1, 2, ...vp9Header(64, 48)],
      true,
      [64, 48],
    ],
    ['VP9 structure cut short', 'vp9', [0x8a, 5, 0x38, 1, 2], true, undefined],
    ['VP9 layers cut short', 'vp9', [0xa8, 0x80], false, undefined],

    ['H.264 parameter set', 'h264', [0x67, ...baseline], true, [1280, 720]],
    ['H.264 high profile with scaling list and cropping', 'h264', [0x67, ...high], true, [1920, 1080]],
    ['H.264 interlaced', 'h264', [0x67, ...interlaced], true, [720, 576]],
    ['H.264 with emulation prevention', 'h264', [0x67, ...escaped], true, [640, 480]],
    ['H.264 aggregated', 'h264', stapA([0x09, 1], [0x67, ...baseline], [0x68, 1]), true, [1280, 720]],
    ['H.264 aggregated IDR alone', 'h264', stapA([0x65, 1, 2]), true, undefined],
    ['H.264 aggregated others', 'h264', stapA([0x09, 1], [0x61, 2]), false, undefined],
    ['H.264 aggregate cut short', 'h264', [24, 0, 200, 0x67, 1], false, undefined],
    ['H.264 IDR', 'h264', [0x65, 1], true, undefined],
    ['H.264 slice', 'h264', [0x61, 1], false, undefined],
    ['H.264 start of a fragmented IDR', 'h264', [0x7c, 0x85, 1], true, undefined],
    ['H.264 later fragment of an IDR', 'h264', [0x7c, 0x05, 1], false, undefined],
    ['H.264 start of a fragmented slice', 'h264', [0x7c, 0x81, 1], false, undefined],
    ['H.264 parameter set cut short', 'h264', [0x67, 66, 0, 31], true, undefined],
    ['H.264 nothing', 'h264', [], false, undefined],

    ['H.265 video parameter set', 'h265', [0x40, 1, 0], true, undefined],
    ['H.265 IDR', 'h265', [0x26, 1, 0], true, undefined],
    ['H.265 slice', 'h265', [0x02, 1, 0], false, undefined],
    ['H.265 start of a fragmented IDR', 'h265', [0x62, 1, 0x93], true, undefined],
    ['H.265 later fragment', 'h265', [0x62, 1, 0x13], false, undefined],
    [
      'H.265 aggregate with parameter sets',
      'h265',
      [0x60, 1, 0, 3, 0x46, 1, 0, 0, 3, 0x42, 1, 0],
      true,
      undefined,
    ],
    ['H.265 aggregate cut short', 'h265', [0x60, 1, 0, 30, 0x42, 1], false, undefined],

    ['AV1 new sequence', 'av1', [0x18, ...av1Sequence(640, 360)], true, [640, 360]],
    [
      'AV1 sequence header with its length, no N bit',
      'av1',
      [0x20, 9, ...av1Sequence(640, 360), 0x30, 1],
      true,
      [640, 360],
    ],
    ['AV1 with timing and a size field', 'av1', [0x18, ...av1Timed], true, [200, 100]],
    ['AV1 N bit without a header here', 'av1', [0x18, 0x30, 1, 2], true, undefined],
    ['AV1 continuation', 'av1', [0x88, ...av1Sequence(640, 360)], false, undefined],
    ['AV1 ordinary frame', 'av1', [0x10, 0x30, 1, 2], false, undefined],
    ['AV1 element longer than the packet', 'av1', [0x00, 100, 8, 1], false, undefined],
    ['AV1 length that never ends', 'av1', [0x00, 255, 255, 255, 255, 255], false, undefined],
    ['AV1 nothing', 'av1', [], false, undefined],

    ['sound', 'other', [1], true, undefined],
  ])('%s', (_name, codec, payload, key, size) => {
    // Bytes around the payload must not matter.
    const bytes = Uint8Array.from([0xff, 0x67, ...payload, 0x67, 0xff, 0xff]);
    const end = 2 + payload.length;
    expect(isKeyFrame(codec, bytes, 2, end)).toBe(key);
    expect(resolutionOf(codec, bytes, 2, end)).toEqual(
      size === undefined ? undefined : { width: size[0], height: size[1] },
    );
  });
});
