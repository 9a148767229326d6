// Owns recognising VP9 key frames and their size (RFC 9628 §4.2, VP9 bitstream §6.2).
import type { Resolution } from '../../schemas/media.ts';
import { BitReader } from './bit-reader.ts';
import { readUint16 } from './bytes.ts';

const pictureId = 0x80;
const interPredicted = 0x40;
const layerIndices = 0x20;
const flexible = 0x10;
const startOfFrame = 0x08;
const scalability = 0x02;

/** True for the first packet of a key picture's lowest spatial layer. */
export function vp9KeyFrame(bytes: Uint8Array, start: number, end: number): boolean {
  if (start >= end) return false;
  const flags = bytes[start] ?? 0;
  if ((flags & interPredicted) !== 0 || (flags & startOfFrame) === 0) return false;
  if ((flags & layerIndices) === 0) return start + 1 < end;
  const at = afterPictureId(bytes, start);
  return at < end && (((bytes[at] ?? 0) >> 1) & 7) === 0;
}

/** Size of the highest spatial layer from the scalability structure, else from the frame header. */
export function vp9Resolution(bytes: Uint8Array, start: number, end: number): Resolution | undefined {
  if (!vp9KeyFrame(bytes, start, end)) return undefined;
  const flags = bytes[start] ?? 0;
  let at = afterPictureId(bytes, start);
  if ((flags & layerIndices) !== 0) at += (flags & flexible) !== 0 ? 1 : 2;
  if ((flags & scalability) === 0) return frameHeaderSize(bytes, at, end);
  if (at >= end) return undefined;
  const structure = bytes[at++] ?? 0;
  if ((structure & 0x10) !== 0) {
    const last = at + 4 * (structure >> 5);
    return last + 4 > end ? undefined : sized(readUint16(bytes, last), readUint16(bytes, last + 2));
  }
  if ((structure & 0x08) !== 0) {
    const pictures = bytes[at++] ?? 0;
    for (let picture = 0; picture < pictures && at < end; picture++) at += 1 + (((bytes[at] ?? 0) >> 2) & 3);
  }
  return frameHeaderSize(bytes, at, end);
}

function afterPictureId(bytes: Uint8Array, start: number): number {
  if (((bytes[start] ?? 0) & pictureId) === 0) return start + 1;
  return start + (((bytes[start + 1] ?? 0) & 0x80) !== 0 ? 3 : 2);
}

function frameHeaderSize(bytes: Uint8Array, start: number, end: number): Resolution | undefined {
  const reader = new BitReader(bytes, start, end);
  if (reader.bits(2) !== 2) return undefined;
  const profile = reader.bits(1) + 2 * reader.bits(1);
  if (profile === 3) reader.bits(1);
  const showExisting = reader.flag();
  const notKey = reader.flag();
  reader.bits(2);
  if (showExisting || notKey || reader.bits(24) !== 0x498342) return undefined;
  if (profile >= 2) reader.bits(1);
  const rgb = reader.bits(3) === 7;
  if (!rgb) reader.bits(1);
  if (profile % 2 === 1) reader.bits(rgb ? 1 : 3);
  const width = reader.bits(16) + 1;
  const height = reader.bits(16) + 1;
  return reader.exhausted ? undefined : sized(width, height);
}

function sized(width: number, height: number): Resolution | undefined {
  return width > 0 && height > 0 ? { width, height } : undefined;
}
