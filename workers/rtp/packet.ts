// Owns reading the fixed part of an RTP packet (RFC 3550 §5.1, §5.3.1). Extension elements are extensions.ts.
import { readUint16, readUint32 } from './bytes.ts';

export const rtpHeaderBytes = 12;

/** Where everything is in one RTP packet; made once and filled again for every packet. Offsets are in bytes. */
export class RtpHeader {
  payloadType = 0;
  marker = false;
  sequence = 0;
  timestamp = 0;
  ssrc = 0;
  /** 0xBEDE: one-byte elements; 0x1000…0x100F: two-byte elements; 0: there is no extension block. */
  extensionProfile = 0;
  /** First byte after the block's own 4-byte header. */
  extensionOffset = 0;
  extensionLength = 0;
  payloadOffset = 0;
  /** Exclusive; padding is already taken off. Equal to `payloadOffset` for a packet of padding only. */
  payloadEnd = 0;
}

/** Fills `into` from an RTP packet; false (and `into` undefined in content) when the bytes are not one. */
export function parseRtp(bytes: Uint8Array, into: RtpHeader): boolean {
  const length = bytes.length;
  if (length < rtpHeaderBytes) return false;
  const first = bytes[0] ?? 0;
  if (first >> 6 !== 2) return false;
  const second = bytes[1] ?? 0;
  let offset = rtpHeaderBytes + ((first & 15) << 2);
  into.extensionProfile = 0;
  into.extensionOffset = offset;
  into.extensionLength = 0;
  if ((first & 0x10) !== 0) {
    if (offset + 4 > length) return false;
    const extensionLength = readUint16(bytes, offset + 2) << 2;
    into.extensionProfile = readUint16(bytes, offset);
    into.extensionOffset = offset + 4;
    into.extensionLength = extensionLength;
    offset += 4 + extensionLength;
  }
  let end = length;
  if ((first & 0x20) !== 0) {
    const padding = bytes[length - 1] ?? 0;
    if (padding === 0) return false;
    end -= padding;
  }
  if (offset > end) return false;
  into.payloadType = second & 0x7f;
  into.marker = (second & 0x80) !== 0;
  into.sequence = readUint16(bytes, 2);
  into.timestamp = readUint32(bytes, 4);
  into.ssrc = readUint32(bytes, 8);
  into.payloadOffset = offset;
  into.payloadEnd = end;
  return true;
}

/** True for RTCP on a multiplexed transport: packet types 192…223 (RFC 5761 §4). */
export function isRtcp(bytes: Uint8Array): boolean {
  const type = bytes[1] ?? 0;
  return bytes.length >= 4 && type >= 192 && type <= 223;
}
