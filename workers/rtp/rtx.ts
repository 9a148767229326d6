// Owns wrapping and unwrapping retransmissions (RFC 4588 §4). The forwarding path wraps through send-packet.ts.
import { readUint16, writeUint16, writeUint32 } from './bytes.ts';
import type { RtpHeader } from './packet.ts';

/**
 * Turns a parsed RTX packet back into the packet it repeats, with the given payload type and SSRC, in place: the
 * result is a view of `bytes`, whose header has moved. Undefined when it repeats nothing (padding only).
 */
export function unwrapRtx(
  bytes: Uint8Array,
  header: RtpHeader,
  payloadType: number,
  ssrc: number,
): Uint8Array | undefined {
  const payload = header.payloadOffset;
  if (header.payloadEnd - payload < 2 || header.payloadEnd > bytes.length) return undefined;
  const sequence = readUint16(bytes, payload);
  bytes.copyWithin(2, 0, payload);
  const packet = bytes.subarray(2, header.payloadEnd);
  packet[0] = (packet[0] ?? 0) & ~0x20;
  packet[1] = (header.marker ? 0x80 : 0) | payloadType;
  writeUint16(packet, 2, sequence);
  writeUint32(packet, 8, ssrc);
  return packet;
}

/** A fresh RTX packet that repeats a parsed packet, with its own payload type, SSRC and 16-bit number. */
export function wrapRtx(
  bytes: Uint8Array,
  header: RtpHeader,
  payloadType: number,
  ssrc: number,
  sequence: number,
): Uint8Array {
  const payload = header.payloadOffset;
  const packet = new Uint8Array(header.payloadEnd + 2);
  packet.set(bytes.subarray(0, payload));
  writeUint16(packet, payload, header.sequence);
  packet.set(bytes.subarray(payload, header.payloadEnd), payload + 2);
  packet[0] = (packet[0] ?? 0) & ~0x20;
  packet[1] = (header.marker ? 0x80 : 0) | payloadType;
  writeUint16(packet, 2, sequence);
  writeUint32(packet, 8, ssrc);
  return packet;
}
