// Owns finding and reading RTP header extension elements (RFC 8285). Which id means what comes from the SDP.
import { readUint16, readUint24 } from './bytes.ts';
import type { RtpHeader } from './packet.ts';

/** A span of bytes inside a packet; made once and filled by every look-up. */
export class Span {
  offset = 0;
  length = 0;
}

const span = new Span();
const maxTextBytes = 64;

/** Finds the element with `id` (1…14 one-byte, 1…255 two-byte form); false when absent or the block is broken. */
export function findExtension(bytes: Uint8Array, header: RtpHeader, id: number, into: Span): boolean {
  const profile = header.extensionProfile;
  if (profile === 0 || id <= 0) return false;
  let at = header.extensionOffset;
  const end = at + header.extensionLength;
  if (end > bytes.length) return false;
  if (profile === 0xbede) {
    while (at < end) {
      const first = bytes[at] ?? 0;
      if (first === 0) {
        at++;
        continue;
      }
      const found = first >> 4;
      // Id 15 is reserved: everything after it is to be ignored (RFC 8285 §4.2).
      if (found === 15) return false;
      const length = (first & 15) + 1;
      if (at + 1 + length > end) return false;
      if (found === id) {
        into.offset = at + 1;
        into.length = length;
        return true;
      }
      at += 1 + length;
    }
    return false;
  }
  if ((profile & 0xfff0) !== 0x1000) return false;
  while (at < end) {
    const found = bytes[at] ?? 0;
    if (found === 0) {
      at++;
      continue;
    }
    if (at + 2 > end) return false;
    const length = bytes[at + 1] ?? 0;
    if (at + 2 + length > end) return false;
    if (found === id) {
      into.offset = at + 2;
      into.length = length;
      return true;
    }
    at += 2 + length;
  }
  return false;
}

/** Text of a mid, rid or repaired-rid element (RFC 8852, RFC 9143), at most 64 printable ASCII characters. */
export function readTextExtension(bytes: Uint8Array, header: RtpHeader, id: number): string | undefined {
  if (!findExtension(bytes, header, id, span)) return undefined;
  if (span.length === 0 || span.length > maxTextBytes) return undefined;
  let text = '';
  for (let at = span.offset; at < span.offset + span.length; at++) {
    const code = bytes[at] ?? 0;
    if (code < 0x21 || code > 0x7e) return undefined;
    text += String.fromCharCode(code);
  }
  return text;
}

/** The transport-wide sequence number, 0…65535, or -1. */
export function readTransportSequence(bytes: Uint8Array, header: RtpHeader, id: number): number {
  if (!findExtension(bytes, header, id, span) || span.length < 2) return -1;
  return readUint16(bytes, span.offset);
}

/** Audio level as -dBov, 0 (loudest) … 127 (silence), with the voice flag in bit 7 (RFC 6464); -1 when absent. */
export function readAudioLevel(bytes: Uint8Array, header: RtpHeader, id: number): number {
  if (!findExtension(bytes, header, id, span) || span.length < 1) return -1;
  return bytes[span.offset] ?? -1;
}

/** Absolute send time as 24-bit seconds in 6.18 fixed point, wrapping every 64 s; -1 when absent. */
export function readAbsoluteSendTime(bytes: Uint8Array, header: RtpHeader, id: number): number {
  if (!findExtension(bytes, header, id, span) || span.length < 3) return -1;
  return readUint24(bytes, span.offset);
}
