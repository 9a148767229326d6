// Owns reading redundant audio payloads (RFC 2198).
import { readUint24 } from './bytes.ts';

/** One block of a RED payload; `offset` and `end` are positions in the packet. */
export interface RedBlock {
  readonly payloadType: number;
  /** Ticks by which the block is older than the packet's timestamp; 0 for the primary. */
  readonly timestampOffset: number;
  readonly offset: number;
  readonly end: number;
}

export interface RedPayload {
  readonly primary: RedBlock;
  /** Oldest first, as sent. */
  readonly redundant: readonly RedBlock[];
}

const maxBlocks = 16;

/** The blocks of the payload at `start`…`end`; undefined when it is malformed. Never throws. */
export function unwrapRed(bytes: Uint8Array, start: number, end: number): RedPayload | undefined {
  const heads: { payloadType: number; timestampOffset: number; length: number }[] = [];
  let at = start;
  while (at < end && ((bytes[at] ?? 0) & 0x80) !== 0) {
    if (at + 4 > end || heads.length === maxBlocks) return undefined;
    const rest = readUint24(bytes, at + 1);
    heads.push({
      payloadType: (bytes[at] ?? 0) & 0x7f,
      timestampOffset: rest >> 10,
      length: rest & 0x3ff,
    });
    at += 4;
  }
  if (at >= end) return undefined;
  const primaryType = (bytes[at++] ?? 0) & 0x7f;
  const redundant: RedBlock[] = [];
  for (const { payloadType, timestampOffset, length } of heads) {
    if (at + length > end) return undefined;
    redundant.push({ payloadType, timestampOffset, offset: at, end: at + length });
    at += length;
  }
  return { primary: { payloadType: primaryType, timestampOffset: 0, offset: at, end }, redundant };
}
