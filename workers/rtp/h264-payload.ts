// Owns recognising H.264 key frames and their size (RFC 6184 §5, H.264 §7.3.2.1).
import type { Resolution } from '../../schemas/media.ts';
import { BitReader } from './bit-reader.ts';
import { readUint16 } from './bytes.ts';

const idr = 5;
const sps = 7;
const stapA = 24;
const fuA = 28;
/** Profiles whose parameter set tells the chroma format (§7.3.2.1.1). */
const chromaProfiles = new Set([100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135]);
const maxPixels = 16384;

/** True where a key frame may start: a packet with a sequence parameter set or the start of an IDR slice. */
export function h264KeyFrame(bytes: Uint8Array, start: number, end: number): boolean {
  if (start >= end) return false;
  const type = (bytes[start] ?? 0) & 31;
  if (type === idr || type === sps) return true;
  if (type === fuA) {
    const fragment = start + 1 < end ? (bytes[start + 1] ?? 0) : 0;
    const inner = fragment & 31;
    return (fragment & 0x80) !== 0 && (inner === idr || inner === sps);
  }
  return (
    type === stapA &&
    (findAggregated(bytes, start, end, sps) >= 0 || findAggregated(bytes, start, end, idr) >= 0)
  );
}

/** Cropped size from the sequence parameter set in this packet (alone or aggregated). */
export function h264Resolution(bytes: Uint8Array, start: number, end: number): Resolution | undefined {
  if (start >= end) return undefined;
  const type = (bytes[start] ?? 0) & 31;
  if (type === sps) return spsSize(bytes, start + 1, end);
  if (type !== stapA) return undefined;
  const at = findAggregated(bytes, start, end, sps);
  return at < 0 ? undefined : spsSize(bytes, at + 1, at + readUint16(bytes, at - 2));
}

/** Offset of the first NAL unit of `wanted` type in a STAP-A packet, or -1. */
function findAggregated(bytes: Uint8Array, start: number, end: number, wanted: number): number {
  let at = start + 1;
  while (at + 2 < end) {
    const length = readUint16(bytes, at);
    at += 2;
    if (length === 0 || at + length > end) return -1;
    if (((bytes[at] ?? 0) & 31) === wanted) return at;
    at += length;
  }
  return -1;
}

function spsSize(bytes: Uint8Array, start: number, end: number): Resolution | undefined {
  const reader = new BitReader(bytes, start, end, true);
  const profile = reader.bits(8);
  reader.bits(16);
  reader.golomb();
  let chroma = 1;
  if (chromaProfiles.has(profile)) {
    chroma = reader.golomb();
    if (chroma === 3) reader.bits(1);
    reader.golomb();
    reader.golomb();
    reader.bits(1);
    if (reader.flag()) skipScalingLists(reader, chroma === 3 ? 12 : 8);
  }
  reader.golomb();
  skipPictureOrder(reader);
  reader.golomb();
  reader.bits(1);
  const columns = reader.golomb() + 1;
  const mapRows = reader.golomb() + 1;
  const framesOnly = reader.flag();
  if (!framesOnly) reader.bits(1);
  reader.bits(1);
  const crop = [0, 0, 0, 0];
  if (reader.flag()) for (let side = 0; side < 4; side++) crop[side] = reader.golomb();
  if (reader.exhausted) return undefined;
  const [left = 0, right = 0, top = 0, bottom = 0] = crop;
  const cropX = chroma === 1 || chroma === 2 ? 2 : 1;
  const cropY = (chroma === 1 ? 2 : 1) * (framesOnly ? 1 : 2);
  const width = columns * 16 - (left + right) * cropX;
  const height = mapRows * 16 * (framesOnly ? 1 : 2) - (top + bottom) * cropY;
  return width > 0 && height > 0 && width <= maxPixels && height <= maxPixels ? { width, height } : undefined;
}

function skipPictureOrder(reader: BitReader): void {
  const type = reader.golomb();
  if (type === 0) {
    reader.golomb();
  } else if (type === 1) {
    reader.bits(1);
    reader.golomb();
    reader.golomb();
    const cycle = reader.golomb();
    for (let frame = 0; frame < cycle && !reader.exhausted; frame++) reader.golomb();
  }
}

function skipScalingLists(reader: BitReader, lists: number): void {
  for (let list = 0; list < lists; list++) {
    if (!reader.flag()) continue;
    let last = 8;
    let next = 8;
    for (let index = 0; index < (list < 6 ? 16 : 64) && next !== 0; index++) {
      next = (last + reader.signedGolomb() + 256) & 0xff;
      if (next !== 0) last = next;
    }
  }
}
