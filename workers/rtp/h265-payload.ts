// Owns recognising H.265 key frames (RFC 7798 §4.4). Does not read picture sizes.
import { readUint16 } from './bytes.ts';

const aggregation = 48;
const fragmentation = 49;

/** True where a key frame may start: parameter sets, or the start of a random access picture. */
export function h265KeyFrame(bytes: Uint8Array, start: number, end: number): boolean {
  if (start + 2 > end) return false;
  const type = nalType(bytes, start);
  if (type === fragmentation) {
    const fragment = start + 2 < end ? (bytes[start + 2] ?? 0) : 0;
    return (fragment & 0x80) !== 0 && startsKeyFrame(fragment & 63);
  }
  if (type !== aggregation) return startsKeyFrame(type);
  let at = start + 2;
  while (at + 2 < end) {
    const length = readUint16(bytes, at);
    at += 2;
    if (length < 2 || at + length > end) return false;
    if (startsKeyFrame(nalType(bytes, at))) return true;
    at += length;
  }
  return false;
}

function nalType(bytes: Uint8Array, at: number): number {
  return ((bytes[at] ?? 0) >> 1) & 63;
}

function startsKeyFrame(type: number): boolean {
  return (type >= 16 && type <= 21) || type === 32 || type === 33;
}
