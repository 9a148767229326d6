import { describe, expect, it } from 'vitest';
import { madeRtp } from './made-packets.ts';
import { isRtcp, parseRtp, RtpHeader } from './packet.ts';

describe('parseRtp', () => {
  it('reads the fixed header', () => {
    const header = new RtpHeader();
    const bytes = madeRtp({
      payloadType: 111,
      marker: true,
      sequence: 0xfffe,
      timestamp: 0xfedcba98,
      ssrc: 0x89abcdef,
    });
    expect(parseRtp(bytes, header)).toBe(true);
    expect(header).toMatchObject({
      payloadType: 111,
      marker: true,
      sequence: 0xfffe,
      timestamp: 0xfedcba98,
      ssrc: 0x89abcdef,
      extensionProfile: 0,
      extensionLength: 0,
      payloadOffset: 12,
      payloadEnd: 16,
    });
  });

  it('steps over CSRCs and the extension block and takes padding off', () => {
    const header = new RtpHeader();
    const bytes = madeRtp({ csrcs: [1, 2], extension: [0x10, 5, 0, 0], payload: [7, 8], padding: 6 });
    expect(parseRtp(bytes, header)).toBe(true);
    expect(header).toMatchObject({
      extensionProfile: 0xbede,
      extensionOffset: 24,
      extensionLength: 4,
      payloadOffset: 28,
      payloadEnd: 30,
    });
  });

  it('forgets the extension block of the packet before', () => {
    const header = new RtpHeader();
    parseRtp(madeRtp({ extension: [0x10, 5, 0, 0] }), header);
    parseRtp(madeRtp({}), header);
    expect(header.extensionProfile).toBe(0);
    expect(header.extensionLength).toBe(0);
  });

  it('takes a packet of padding only, with an empty payload', () => {
    const header = new RtpHeader();
    expect(parseRtp(madeRtp({ payload: [], padding: 255 }), header)).toBe(true);
    expect(header.payloadEnd).toBe(header.payloadOffset);
  });

  const whole = madeRtp({ csrcs: [1], extension: [0x10, 5, 0, 0], payload: [] });
  it.each([
    ['nothing', new Uint8Array(0)],
    ['11 bytes', madeRtp({ payload: [] }).subarray(0, 11)],
    ['version 1', Uint8Array.from([0x40, ...madeRtp({}).subarray(1)])],
    ['CSRCs beyond the end', Uint8Array.from([0x8f, ...madeRtp({}).subarray(1)])],
    ['an extension header beyond the end', whole.subarray(0, 18)],
    ['an extension block beyond the end', whole.subarray(0, whole.length - 1)],
    ['padding of zero', Uint8Array.from([0xa0, ...madeRtp({ payload: [1, 0] }).subarray(1)])],
    ['padding longer than the payload', Uint8Array.from([0xa0, ...madeRtp({ payload: [1, 3] }).subarray(1)])],
  ])('refuses %s', (_name, bytes) => {
    expect(parseRtp(bytes, new RtpHeader())).toBe(false);
  });
});

describe('isRtcp', () => {
  it.each([
    [191, false],
    [192, true],
    [200, true],
    [223, true],
    [224, false],
    [96, false],
    [0x80 | 96, false],
  ])('second byte %i: %s', (type, expected) => {
    expect(isRtcp(Uint8Array.from([0x80, type, 0, 0]))).toBe(expected);
  });

  it('needs four bytes', () => {
    expect(isRtcp(Uint8Array.from([0x80, 200]))).toBe(false);
  });
});
