import { describe, expect, it } from 'vitest';
import {
  findExtension,
  readAbsoluteSendTime,
  readAudioLevel,
  readTextExtension,
  readTransportSequence,
  Span,
} from './extensions.ts';
import { headerOf, madeRtp } from './made-packets.ts';

const oneByte = madeRtp({
  extension: [
    ...[0x10, 0x85], // 1: audio level 5 with voice
    ...[0x21, 0xff, 0xfe], // 2: transport sequence
    0, // padding in the middle
    ...[0x32, 0x12, 0x34, 0x56], // 3: absolute send time
    ...[0x41, 0x68, 0x69], // 4: "hi"
    ...[0x50, 0x20], // 5: a space
    0,
  ],
});
const twoByte = madeRtp({
  profile: 0x1005,
  extension: [
    ...[20, 2, 0x61, 0x62], // 20: "ab"
    ...[21, 0], // 21: empty
    0,
    ...[22, 2, 0x01, 0x02],
    0,
  ],
});

describe('header extensions', () => {
  it('reads one-byte elements', () => {
    const header = headerOf(oneByte);
    expect(readAudioLevel(oneByte, header, 1)).toBe(0x85);
    expect(readTransportSequence(oneByte, header, 2)).toBe(0xfffe);
    expect(readAbsoluteSendTime(oneByte, header, 3)).toBe(0x123456);
    expect(readTextExtension(oneByte, header, 4)).toBe('hi');
  });

  it('reads two-byte elements, empty ones too', () => {
    const header = headerOf(twoByte);
    const span = new Span();
    expect(readTextExtension(twoByte, header, 20)).toBe('ab');
    expect(findExtension(twoByte, header, 21, span)).toBe(true);
    expect(span.length).toBe(0);
    expect(readTextExtension(twoByte, header, 21)).toBeUndefined();
    expect(readTransportSequence(twoByte, header, 22)).toBe(0x0102);
  });

  it('says when an element is absent or too short', () => {
    const header = headerOf(oneByte);
    expect(readTransportSequence(oneByte, header, 1)).toBe(-1);
    expect(readAbsoluteSendTime(oneByte, header, 2)).toBe(-1);
    expect(readAudioLevel(oneByte, header, 9)).toBe(-1);
    expect(readTextExtension(oneByte, header, 0)).toBeUndefined();
    expect(readTextExtension(madeRtp({}), headerOf(madeRtp({})), 1)).toBeUndefined();
  });

  it('takes only printable text', () => {
    expect(readTextExtension(oneByte, headerOf(oneByte), 5)).toBeUndefined();
  });

  it.each([
    ['an element that runs over the end', 0xbede, [0x1f, 1, 2, 3], 1],
    ['everything after id 15', 0xbede, [0xf0, 1, 0x10, 1], 1],
    ['an unknown profile', 0x1234, [0x10, 1, 0, 0], 1],
    ['a two-byte element cut in its header', 0x1000, [0, 0, 0, 7], 7],
    ['a two-byte element that runs over the end', 0x1000, [7, 3, 0, 0], 7],
  ])('does not find %s', (_name, profile, extension, id) => {
    const bytes = madeRtp({ profile, extension });
    expect(findExtension(bytes, headerOf(bytes), id, new Span())).toBe(false);
  });
});
