// Owns recognising VP8 key frames and their size (RFC 7741 §4.3, RFC 6386 §9.1).
import type { Resolution } from '../../schemas/media.ts';
import { parseVp8Descriptor, Vp8Descriptor } from './vp8-descriptor.ts';

const descriptor = new Vp8Descriptor();

/** True for the first packet of a key frame. */
export function vp8KeyFrame(bytes: Uint8Array, start: number, end: number): boolean {
  if (!parseVp8Descriptor(bytes, start, end, descriptor) || !descriptor.startOfFrame) return false;
  const at = start + descriptor.length;
  return at < end && ((bytes[at] ?? 1) & 1) === 0;
}

/** Size in the header of a key frame's first packet. */
export function vp8Resolution(bytes: Uint8Array, start: number, end: number): Resolution | undefined {
  if (!vp8KeyFrame(bytes, start, end)) return undefined;
  const at = start + descriptor.length;
  if (at + 10 > end || bytes[at + 3] !== 0x9d || bytes[at + 4] !== 0x01 || bytes[at + 5] !== 0x2a)
    return undefined;
  const width = ((bytes[at + 6] ?? 0) | ((bytes[at + 7] ?? 0) << 8)) & 0x3fff;
  const height = ((bytes[at + 8] ?? 0) | ((bytes[at + 9] ?? 0) << 8)) & 0x3fff;
  return width > 0 && height > 0 ? { width, height } : undefined;
}
