// Owns the VP8 payload descriptor (RFC 7741 §4.2): reading it, and renumbering pictures in an outgoing copy.
import { readUint16 } from './bytes.ts';

/** One parsed descriptor; made once and filled again. Offsets count from the start of the payload, -1: absent. */
export class Vp8Descriptor {
  /** Bytes of descriptor before the VP8 payload. */
  length = 0;
  /** S bit with partition index 0: the first packet of a frame. */
  startOfFrame = false;
  pictureIdAt = -1;
  /** 7 or 15; 0 when there is no picture id. */
  pictureIdBits = 0;
  pictureId = -1;
  tl0PicIdxAt = -1;
  tl0PicIdx = -1;
  /** -1 when the descriptor does not tell. */
  temporalLayer = -1;
}

/** Reads the descriptor of a payload at `start`…`end` of `bytes`; false when it is cut short. */
export function parseVp8Descriptor(
  bytes: Uint8Array,
  start: number,
  end: number,
  into: Vp8Descriptor,
): boolean {
  into.pictureIdAt = -1;
  into.pictureIdBits = 0;
  into.pictureId = -1;
  into.tl0PicIdxAt = -1;
  into.tl0PicIdx = -1;
  into.temporalLayer = -1;
  if (start >= end) return false;
  const first = bytes[start] ?? 0;
  into.startOfFrame = (first & 0x17) === 0x10;
  let at = start + 1;
  if ((first & 0x80) !== 0) {
    if (at >= end) return false;
    const flags = bytes[at++] ?? 0;
    if ((flags & 0x80) !== 0) {
      if (at >= end) return false;
      const id = bytes[at] ?? 0;
      into.pictureIdAt = at - start;
      if ((id & 0x80) !== 0) {
        if (at + 1 >= end) return false;
        into.pictureIdBits = 15;
        into.pictureId = readUint16(bytes, at) & 0x7fff;
        at += 2;
      } else {
        into.pictureIdBits = 7;
        into.pictureId = id;
        at++;
      }
    }
    if ((flags & 0x40) !== 0) {
      if (at >= end) return false;
      into.tl0PicIdxAt = at - start;
      into.tl0PicIdx = bytes[at++] ?? 0;
    }
    if ((flags & 0x30) !== 0) {
      if (at >= end) return false;
      const layers = bytes[at++] ?? 0;
      if ((flags & 0x20) !== 0) into.temporalLayer = layers >> 6;
    }
  }
  into.length = at - start;
  return true;
}

/** The fields of a descriptor that renumbering needs. */
export interface Vp8Positions {
  readonly pictureIdAt: number;
  readonly pictureIdBits: number;
  readonly tl0PicIdxAt: number;
}

/** Overwrites picture id (at its own width) and TL0PICIDX of the payload copied to `payloadAt` of `target`. */
export function renumberVp8(
  target: Uint8Array,
  payloadAt: number,
  positions: Vp8Positions,
  pictureId: number,
  tl0PicIdx: number,
): void {
  if (positions.pictureIdBits === 15) {
    const at = payloadAt + positions.pictureIdAt;
    target[at] = 0x80 | ((pictureId >> 8) & 0x7f);
    target[at + 1] = pictureId;
  } else if (positions.pictureIdBits === 7) {
    target[payloadAt + positions.pictureIdAt] = pictureId & 0x7f;
  }
  if (positions.tl0PicIdxAt >= 0) target[payloadAt + positions.tl0PicIdxAt] = tl0PicIdx;
}
