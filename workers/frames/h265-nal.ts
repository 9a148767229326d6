// Owns NAL unit types and headers of H.265 (table 7-1, §7.3.1.2, RFC 7798 §4.4). A header is a number of 16 bits.
import { readUint16 } from '../rtp/bytes.ts';

export const hevcType = {
  /** Random access pictures: first and last of their types. */
  firstAccess: 16,
  lastAccess: 21,
  /** Parameter sets, in the order in which they precede a random access picture. */
  vps: 32,
  sps: 33,
  pps: 34,
  delimiter: 35,
  sei: 39,
  suffixSei: 40,
  aggregation: 48,
  fragmentation: 49,
} as const;

export const hevcHeaderBytes = 2;

export function hevcHeader(unit: Uint8Array): number {
  return readUint16(unit, 0);
}

export function hevcTypeOf(header: number): number {
  return (header >> 9) & 63;
}

/** The same layer and temporal id under another type. */
export function withHevcType(header: number, type: number): number {
  return (header & 0x81ff) | (type << 9);
}

/** False with the forbidden bit set, without a temporal id, or for the types of payload structures. */
export function isPlainHevc(header: number): boolean {
  return (header & 0x8000) === 0 && (header & 7) !== 0 && hevcTypeOf(header) < hevcType.aggregation;
}
