import { describe, expect, it } from 'vitest';
import { readTextExtension } from './extensions.ts';
import { headerOf, madeRtp } from './made-packets.ts';
import { unwrapRed } from './red.ts';
import { unwrapRtx, wrapRtx } from './rtx.ts';

describe('RTX', () => {
  it('wraps and unwraps to the same packet, with CSRCs and extensions, without padding', () => {
    const fields = {
      marker: true,
      timestamp: 0xfffffff0,
      csrcs: [3],
      extension: [0x12, 0x61, 0x62, 0x63],
      payload: [5, 6, 7],
    };
    const original = madeRtp({ ...fields, sequence: 0xffff, payloadType: 96, ssrc: 1 });
    const padded = madeRtp({ ...fields, sequence: 0xffff, payloadType: 96, ssrc: 1, padding: 4 });
    const rtx = wrapRtx(padded, headerOf(padded), 97, 2, 500);
    expect(headerOf(rtx)).toMatchObject({ payloadType: 97, sequence: 500, ssrc: 2, marker: true });
    const back = unwrapRtx(rtx, headerOf(rtx), 96, 1);
    expect(back).toEqual(original);
    expect(readTextExtension(original, headerOf(original), 1)).toBe('abc');
  });

  it('takes padding of the RTX packet off', () => {
    const rtx = madeRtp({ payload: [0x12, 0x34, 9], padding: 200 });
    const back = unwrapRtx(rtx, headerOf(rtx), 96, 1);
    expect(back?.length).toBe(13);
    expect(back === undefined ? undefined : headerOf(back)).toMatchObject({
      sequence: 0x1234,
      payloadOffset: 12,
    });
  });

  it.each([[[]], [[1]]])('finds nothing in a probe with payload %j', (payload) => {
    const rtx = madeRtp({ payload, padding: 100 });
    expect(unwrapRtx(rtx, headerOf(rtx), 96, 1)).toBeUndefined();
  });
});

describe('RED', () => {
  function unwrap(payload: readonly number[]) {
    return unwrapRed(Uint8Array.from([0xff, ...payload, 0xff]), 1, 1 + payload.length);
  }

  it('reads the primary and what it repeats', () => {
    // 111 with offset 960 and 3 bytes, 111 with offset 480 and none, then the primary.
    expect(unwrap([0xef, 0x0f, 0x00, 0x03, 0xef, 0x07, 0x80, 0x00, 0x6f, 1, 2, 3, 4, 5])).toEqual({
      primary: { payloadType: 111, timestampOffset: 0, offset: 13, end: 15 },
      redundant: [
        { payloadType: 111, timestampOffset: 960, offset: 10, end: 13 },
        { payloadType: 111, timestampOffset: 480, offset: 13, end: 13 },
      ],
    });
  });

  it('reads a primary alone', () => {
    expect(unwrap([0x6f, 1, 2])).toEqual({
      primary: { payloadType: 111, timestampOffset: 0, offset: 2, end: 4 },
      redundant: [],
    });
  });

  it.each<[string, number[]]>([
    ['nothing', []],
    ['a head cut short', [0xef, 0, 0]],
    ['no primary', [0xef, 0, 0, 0]],
    ['a block longer than the packet', [0xef, 0, 0, 9, 0x6f, 1, 2]],
    ['heads without end', Array.from({ length: 200 }, () => 0x80)],
  ])('refuses %s', (_name, payload) => {
    expect(unwrap(payload)).toBeUndefined();
  });
});
