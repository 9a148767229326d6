// Owns reading compound RTCP packets into typed records (RFC 3550 §6, RFC 4585, RFC 5104, REMB, transport-cc).
// Writing them is rtcp-writer.ts; the packet list inside transport-cc feedback is transport-feedback.ts.
import { readUint16, readUint24, readUint32 } from './bytes.ts';

import type { Nack, ReportBlock, RtcpPacket, SenderReport, TransportFeedback } from './rtcp-packet.ts';

export type * from './rtcp-packet.ts';
export { RtcpWriter } from './rtcp-writer.ts';

/** What one compound packet may make us hold. */
const maxPackets = 64;
const maxNackSequences = 1024;
const rembName = 0x52454d42;

/**
 * All packets of a compound that we know and that are well-formed; others (SDES, APP, XR, garbage) are passed
 * over, and a wrong length ends the reading. Never throws.
 */
export function parseRtcp(bytes: Uint8Array): RtcpPacket[] {
  const packets: RtcpPacket[] = [];
  let at = 0;
  while (at + 4 <= bytes.length && packets.length < maxPackets) {
    const first = bytes[at] ?? 0;
    if (first >> 6 !== 2) break;
    const next = at + ((readUint16(bytes, at + 2) + 1) << 2);
    if (next > bytes.length) break;
    let end = next;
    if ((first & 0x20) !== 0) {
      const padding = bytes[next - 1] ?? 0;
      if (padding === 0 || next - padding < at + 4) break;
      end = next - padding;
    }
    const packet = parseOne(bytes, at, end);
    if (packet !== undefined) packets.push(packet);
    at = next;
  }
  return packets;
}

function parseOne(bytes: Uint8Array, at: number, end: number): RtcpPacket | undefined {
  const count = (bytes[at] ?? 0) & 31;
  switch (bytes[at + 1]) {
    case 200:
      return senderReport(bytes, at, end, count);
    case 201:
      if (at + 8 > end) return undefined;
      return {
        type: 'receiver-report',
        ssrc: readUint32(bytes, at + 4),
        reports: reportBlocks(bytes, at + 8, end, count),
      };
    case 203:
      return { type: 'bye', ssrcs: ssrcList(bytes, at + 4, end, count) };
    case 205:
      if (at + 12 > end) return undefined;
      if (count === 1) return nack(bytes, at, end);
      return count === 15 ? transportFeedback(bytes, at, end) : undefined;
    case 206:
      return at + 12 > end ? undefined : payloadFeedback(bytes, at, end, count);
    default:
      return undefined;
  }
}

function senderReport(bytes: Uint8Array, at: number, end: number, count: number): SenderReport | undefined {
  if (at + 28 > end) return undefined;
  return {
    type: 'sender-report',
    ssrc: readUint32(bytes, at + 4),
    ntpHigh: readUint32(bytes, at + 8),
    ntpLow: readUint32(bytes, at + 12),
    rtpTimestamp: readUint32(bytes, at + 16),
    packets: readUint32(bytes, at + 20),
    octets: readUint32(bytes, at + 24),
    reports: reportBlocks(bytes, at + 28, end, count),
  };
}

function reportBlocks(bytes: Uint8Array, start: number, end: number, count: number): ReportBlock[] {
  const blocks: ReportBlock[] = [];
  for (let at = start; blocks.length < count && at + 24 <= end; at += 24) {
    blocks.push({
      ssrc: readUint32(bytes, at),
      fractionLost: bytes[at + 4] ?? 0,
      packetsLost: (readUint24(bytes, at + 5) << 8) >> 8,
      highestSequence: readUint32(bytes, at + 8),
      jitter: readUint32(bytes, at + 12),
      lastSr: readUint32(bytes, at + 16),
      delaySinceLastSr: readUint32(bytes, at + 20),
    });
  }
  return blocks;
}

function ssrcList(bytes: Uint8Array, start: number, end: number, count: number): number[] {
  const ssrcs: number[] = [];
  for (let at = start; ssrcs.length < count && at + 4 <= end; at += 4) ssrcs.push(readUint32(bytes, at));
  return ssrcs;
}

function nack(bytes: Uint8Array, start: number, end: number): Nack {
  const sequences: number[] = [];
  for (let at = start + 12; at + 4 <= end && sequences.length < maxNackSequences; at += 4) {
    const first = readUint16(bytes, at);
    const following = readUint16(bytes, at + 2);
    sequences.push(first);
    for (let bit = 0; bit < 16; bit++) {
      if (((following >> bit) & 1) !== 0) sequences.push((first + bit + 1) & 0xffff);
    }
  }
  return {
    type: 'nack',
    senderSsrc: readUint32(bytes, start + 4),
    mediaSsrc: readUint32(bytes, start + 8),
    sequences,
  };
}

function payloadFeedback(bytes: Uint8Array, at: number, end: number, format: number): RtcpPacket | undefined {
  const senderSsrc = readUint32(bytes, at + 4);
  if (format === 1) return { type: 'pli', senderSsrc, mediaSsrc: readUint32(bytes, at + 8) };
  if (format === 4) {
    const entries: { ssrc: number; sequence: number }[] = [];
    for (let entry = at + 12; entry + 8 <= end; entry += 8) {
      entries.push({ ssrc: readUint32(bytes, entry), sequence: bytes[entry + 4] ?? 0 });
    }
    return { type: 'fir', senderSsrc, entries };
  }
  if (format !== 15 || at + 20 > end || readUint32(bytes, at + 12) !== rembName) return undefined;
  const exponent = (bytes[at + 17] ?? 0) >> 2;
  const mantissa = readUint24(bytes, at + 17) & 0x3ffff;
  return {
    type: 'remb',
    senderSsrc,
    bitrateBps: mantissa * 2 ** exponent,
    ssrcs: ssrcList(bytes, at + 20, end, bytes[at + 16] ?? 0),
  };
}

function transportFeedback(bytes: Uint8Array, at: number, end: number): TransportFeedback | undefined {
  if (at + 20 > end) return undefined;
  return {
    type: 'transport-feedback',
    senderSsrc: readUint32(bytes, at + 4),
    mediaSsrc: readUint32(bytes, at + 8),
    baseSequence: readUint16(bytes, at + 12),
    count: readUint16(bytes, at + 14),
    referenceTime: (readUint24(bytes, at + 16) << 8) >> 8,
    feedbackCount: bytes[at + 19] ?? 0,
    bytes: bytes.subarray(at + 20, end),
  };
}
