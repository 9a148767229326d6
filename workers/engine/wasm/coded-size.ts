// Owns how large a VP8 or VP9 frame says that it is, before a decoder believes it: memory of an instance never comes back,
// and a few bytes can ask for a gigabyte. H.264 is bounded by its levels, which the decoder enforces.
import type { Resolution } from '../../../schemas/media.ts';
import { BitReader } from '../../rtp/bit-reader.ts';

const maxSide = 4096;
/** As many as the largest level of H.264 allows. */
const maxPixels = 36_864 * 256;
const sync = 0x498342;

/** False when the frame, or one of those hidden in it, tells of a larger picture than anybody sends. Never throws. */
export function isReasonable(codec: 'vp8' | 'vp9', frame: Uint8Array): boolean {
  const sizes = codec === 'vp8' ? [vp8Size(frame)] : superframe(frame).map(vp9Size);
  return sizes.every(
    (size) =>
      size === undefined ||
      (size.width <= maxSide && size.height <= maxSide && size.width * size.height <= maxPixels),
  );
}

/** In the header of a key frame (RFC 6386 §9.1). */
function vp8Size(frame: Uint8Array): Resolution | undefined {
  const [first = 1, , , , , , a = 0, b = 0, c = 0, d = 0] = frame;
  return (first & 1) === 1 ? undefined : { width: (a | (b << 8)) & 0x3fff, height: (c | (d << 8)) & 0x3fff };
}

/** Where it is told in full (VP9 bitstream §6.2); undefined for a picture of the size of one before it. */
function vp9Size(frame: Uint8Array): Resolution | undefined {
  const reader = new BitReader(frame, 0, frame.length);
  reader.bits(2);
  // Only profile 0 is decoded.
  if (reader.bits(2) !== 0 || reader.flag()) return undefined;
  const isInter = reader.flag();
  const isShown = reader.flag();
  const isResilient = reader.flag();
  if (!isInter) {
    if (reader.bits(24) !== sync) return undefined;
    if (reader.bits(3) !== 7) reader.bits(1);
    return readSize(reader);
  }
  const isIntraOnly = !isShown && reader.flag();
  if (!isResilient) reader.bits(2);
  if (isIntraOnly) {
    reader.bits(24 + 8);
    return readSize(reader);
  }
  reader.bits(8 + 3 * 4);
  for (let reference = 0; reference < 3; reference++) if (reader.flag()) return undefined;
  return readSize(reader);
}

function readSize(reader: BitReader): Resolution {
  return { width: reader.bits(16) + 1, height: reader.bits(16) + 1 };
}

/** The frames of a superframe (VP9 bitstream annex B), or the one that it is. */
function superframe(bytes: Uint8Array): readonly Uint8Array[] {
  const marker = bytes.at(-1) ?? 0;
  const count = (marker & 7) + 1;
  const width = ((marker >> 3) & 3) + 1;
  const index = bytes.length - 2 - count * width;
  if (marker >> 5 !== 6 || index < 0 || bytes[index] !== marker) return [bytes];
  const frames: Uint8Array[] = [];
  let from = 0;
  for (let frame = 0; frame < count; frame++) {
    let length = 0;
    for (let byte = width - 1; byte >= 0; byte--) {
      length = length * 256 + (bytes[index + 1 + frame * width + byte] ?? 0);
    }
    frames.push(bytes.subarray(from, from + length));
    from += length;
  }
  return frames;
}
