import { describe, expect, it } from 'vitest';
import { seededRandom } from '../rtp/made-packets.ts';
import { leb128, readLeb128, splitObus } from './av1-obu.ts';
import { av1Depacketizer } from './depacketize-av1.ts';
import { mediaPackets, noise } from './made-streams.ts';
import { packetizeAv1 } from './packetize-av1.ts';

const delimiter = [0x12, 0];
/** A sequence header, a shown key frame, another frame; of the low-overhead format. */
const header = [0x0a, 2, 0, 1];
const key = [0x32, 2, 0x10, 7];
const inter = [0x32, 2, 0x30, 7];

/** [keyFrame, ...bytes without the delimiter], or undefined when incomplete. */
function read(payloads: readonly (readonly number[])[]): unknown {
  const result = av1Depacketizer.depacketize(mediaPackets(payloads));
  if (result.type === 'incomplete') return undefined;
  const [first, second, ...rest] = result.frame.data;
  expect([first, second]).toEqual(delimiter);
  return [result.frame.keyFrame, ...rest];
}

function sent(unit: readonly number[], maxBytes = 100): number[][] {
  return packetizeAv1(Uint8Array.from(unit), maxBytes).map(({ payload }) => [...payload]);
}

describe('AV1 payloads', () => {
  it('leave out delimiters, padding and sizes, count their elements and mark a new sequence', () => {
    expect(sent([...delimiter, ...header, ...key, 0x7a, 1, 0x80])).toEqual([
      [0x28, 3, 0x08, 0, 1, 0x30, 0x10, 7],
    ]);
    expect(sent([...delimiter, ...inter])).toEqual([[0x10, 0x30, 0x30, 7]]);
  });

  it('hold at most three elements, so that the last needs no length', () => {
    const four = [0x1a, 1, 0x30, 0x22, 1, 2, 0x22, 1, 3, 0x22, 1, 4];
    expect(sent(four)).toEqual([
      [0x30, 2, 0x18, 0x30, 2, 0x20, 2, 0x20, 3],
      [0x10, 0x20, 4],
    ]);
  });

  it('tell which elements go on in the next packet, within the bytes they may have', () => {
    const content = [0x30, ...noise(seededRandom(1), 300)];
    const payloads = sent([...header, 0x32, ...leb128(content.length), ...content], 120);
    expect(payloads.map(([first]) => first)).toEqual([0x68, 0xd0, 0x90]);
    expect(payloads.every(({ length }) => length <= 120)).toBe(true);
  });

  it('take a last unit without a size, and give nothing for what is malformed', () => {
    expect(sent([...header, 0x30, 0x10, 7])).toEqual(sent([...header, ...key]));
    for (const unit of [[0x0a, 9, 1], [0x8a, 0], [0x0e], [0x0a, 0xff, 0xff, 0xff, 0xff, 1], [], delimiter]) {
      expect(sent(unit)).toEqual([]);
    }
  });
});

describe('AV1 temporal units', () => {
  const begins = [0x28, 3, 0x08, 0, 1, 0x30, 0x10, 7];
  it.each<[string, number[][], unknown]>([
    ['a sequence header and a key frame', [begins], [true, ...header, ...key]],
    ['the same without the bit of new sequences', [[0x20, ...begins.slice(1)]], [true, ...header, ...key]],
    ['all elements with lengths', [[0x08, 3, 0x08, 0, 1, 3, 0x30, 0x10, 7]], [true, ...header, ...key]],
    ['elements that have sizes of their own', [[0x28, 4, ...header, ...key]], [true, ...header, ...key]],
    ['a frame', [[0x10, 0x30, 0x30, 7]], [false, ...inter]],
    [
      'a sequence header before a frame that is no key frame',
      [[0x28, 3, 0x08, 0, 1, 0x30, 0x30, 7]],
      [false, ...header, ...inter],
    ],
    [
      'a key frame that is not shown yet',
      [[0x28, 3, 0x08, 0, 1, 0x30, 0x00, 7]],
      [false, ...header, 0x32, 2, 0, 7],
    ],
    ['a frame shown again', [[0x28, 3, 0x08, 0, 1, 0x18, 0x90]], [false, ...header, 0x1a, 1, 0x90]],
    ['a still picture', [[0x28, 3, 0x08, 0x08, 1, 0x30, 0xff]], [true, 0x0a, 2, 8, 1, 0x32, 1, 0xff]],
    ['a layer', [[0x10, 0x34, 0x28, 0x30, 7]], [false, 0x36, 0x28, 2, 0x30, 7]],
    [
      'a delimiter and padding, which are left out',
      [[0x30, 1, 0x10, 3, 0x30, 0x30, 7, 0x78, 1]],
      [false, ...inter],
    ],
    [
      'a frame in three packets',
      [
        [0x50, 0x30, 0x30],
        [0xd0, 1],
        [0x90, 2],
      ],
      [false, 0x32, 3, 0x30, 1, 2],
    ],
    [
      'an end and a whole in one packet',
      [
        [0x50, 0x30, 0x30],
        [0xa0, 1, 1, 0x20, 2],
      ],
      [false, 0x32, 2, 0x30, 1, 0x22, 1, 2],
    ],
    ['a key frame whose sequence header may be lost', [[0x10, 0x30, 0x10, 7]], undefined],
    ['tiles whose frame may be lost', [[0x10, 0x20, 7]], undefined],
    ['a fragment without its start', [[0x90, 0x30, 0x30]], undefined],
    ['a fragment without its end', [[0x50, 0x30, 0x30]], undefined],
    [
      'a fragment that does not go on',
      [
        [0x50, 0x30, 0x30],
        [0x10, 0x20, 1],
      ],
      undefined,
    ],
    [
      'going on with what was whole',
      [
        [0x10, 0x30, 0x30],
        [0x90, 1],
      ],
      undefined,
    ],
    ['fewer elements than counted', [[0x30, 2, 0x30, 0x30]], undefined],
    ['an element cut short', [[0x00, 9, 0x30, 0x30]], undefined],
    ['an element of nothing', [[0x00, 0, 2, 0x30, 0x30]], undefined],
    ['a length cut short', [[0x20, 0xff]], undefined],
    ['a size beyond the element', [[0x18, 0x0a, 9, 1]], undefined],
    ['a forbidden bit', [[0x18, 0x88, 0]], undefined],
    ['nothing but a delimiter', [[0x10, 0x10]], undefined],
    ['an aggregation header alone', [[0x18]], undefined],
  ])('%s', (_name, payloads, expected) => {
    expect(read(payloads)).toEqual(expected);
  });

  it('begin with a key frame where they are known to begin', () => {
    const [packet] = mediaPackets([[0x10, 0x30, 0x10, 7]]);
    const result = packet && av1Depacketizer.depacketize([packet], { begins: true });
    // Without a sequence header nothing can be decoded from here.
    expect(result).toMatchObject({ type: 'complete', frame: { keyFrame: false } });
  });

  it.each<[string, number[], unknown]>([
    ['a new sequence', begins, { start: true, key: true }],
    ['a frame', [0x10, 0x30, 0x30, 7], { start: true, key: false }],
    ['a fragment within', [0xd0, 1], { start: false, key: false }],
    ['nothing', [], undefined],
  ])('what %s tells', (_name, payload, facts) => {
    expect(av1Depacketizer.inspect(Uint8Array.from(payload))).toEqual(facts);
  });
});

describe('AV1 units', () => {
  it.each([0, 1, 127, 128, 16_383, 16_384, 2 ** 28 - 1])('have sizes such as %i', (value) => {
    const bytes = Uint8Array.from(leb128(value));
    expect(readLeb128(bytes, 0)).toEqual({ value, end: bytes.length });
    expect(readLeb128(bytes.subarray(0, -1), 0)).toBeUndefined();
  });

  it('have sizes of at most four bytes', () => {
    expect(readLeb128(Uint8Array.of(0x80, 0x80, 0x80, 0x80, 0), 0)).toBeUndefined();
  });

  it('are split in order', () => {
    const types = splitObus(Uint8Array.from([...delimiter, ...header, ...key]))?.map(({ type }) => type);
    expect(types).toEqual([2, 1, 6]);
  });
});
