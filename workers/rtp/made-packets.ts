// Owns packets and reproducible randomness made for tests of this folder. Nothing else imports it.
import { writeUint16, writeUint32 } from './bytes.ts';
import { RtpHeader, parseRtp } from './packet.ts';

export interface MadePacket {
  readonly payloadType?: number;
  readonly marker?: boolean;
  readonly sequence?: number;
  readonly timestamp?: number;
  readonly ssrc?: number;
  readonly csrcs?: readonly number[];
  readonly profile?: number;
  /** Content of the extension block; must be a multiple of 4 long. */
  readonly extension?: readonly number[];
  readonly payload?: readonly number[];
  /** Bytes of padding, its count included. */
  readonly padding?: number;
}

/** A whole RTP packet. */
export function madeRtp(made: MadePacket): Uint8Array {
  const { csrcs = [], extension, payload = [1, 2, 3, 4], padding = 0 } = made;
  const head = new Uint8Array(12 + csrcs.length * 4 + (extension === undefined ? 0 : 4));
  head[0] = 0x80 | csrcs.length | (extension === undefined ? 0 : 0x10) | (padding > 0 ? 0x20 : 0);
  head[1] = (made.marker === true ? 0x80 : 0) | (made.payloadType ?? 96);
  writeUint16(head, 2, made.sequence ?? 1);
  writeUint32(head, 4, made.timestamp ?? 1000);
  writeUint32(head, 8, made.ssrc ?? 0xfedcba98);
  csrcs.forEach((csrc, index) => writeUint32(head, 12 + index * 4, csrc));
  if (extension !== undefined) {
    writeUint16(head, head.length - 4, made.profile ?? 0xbede);
    writeUint16(head, head.length - 2, extension.length / 4);
  }
  const tail = padding === 0 ? [] : [...Array.from({ length: padding - 1 }, () => 0), padding];
  return Uint8Array.from([...head, ...(extension ?? []), ...payload, ...tail]);
}

/** The parsed header of a packet that must be well-formed. */
export function headerOf(bytes: Uint8Array): RtpHeader {
  const header = new RtpHeader();
  if (!parseRtp(bytes, header)) throw new Error('not an RTP packet');
  return header;
}

/** A VP8 payload: descriptor with 15-bit picture id and TL0PICIDX, then the start of a frame or a part of one. */
export function madeVp8(frame: {
  readonly pictureId: number;
  readonly tl0PicIdx?: number;
  readonly key?: boolean;
  readonly start?: boolean;
}): number[] {
  const descriptor = [
    frame.start === false ? 0x80 : 0x90,
    0xe0,
    0x80 | (frame.pictureId >> 8),
    frame.pictureId & 0xff,
    (frame.tl0PicIdx ?? 0) & 0xff,
    0x20,
  ];
  // A key frame header says 640x360.
  const header = frame.key === true ? [0x10, 0, 0, 0x9d, 0x01, 0x2a, 0x80, 0x02, 0x68, 0x01] : [0x11, 0, 0];
  return [...descriptor, ...header, 9, 9, 9];
}

/** Uniform numbers in [0, 1), the same ones for the same seed (a 32-bit xorshift). */
export function seededRandom(seed: number): () => number {
  let state = (Math.imul(seed, 0x9e3779b1) ^ 0x5bd1e995) | 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 0x100000000;
  };
}
