// Owns AV1's open bitstream units (AV1 bitstream §5.3 to §5.10, §4.10.5): splitting a temporal unit, their headers with and
// without a size, and what they tell of key frames.

export const obuType = {
  sequenceHeader: 1,
  temporalDelimiter: 2,
  frameHeader: 3,
  frame: 6,
  tileList: 8,
  padding: 15,
} as const;

/** Begins each temporal unit of the low-overhead format. */
export const temporalDelimiter: Uint8Array = Uint8Array.of((obuType.temporalDelimiter << 3) | 2, 0);

export interface Obu {
  readonly type: number;
  /** Header and extension, whose size flag is off. */
  readonly head: Uint8Array;
  readonly content: Uint8Array;
  /** Of the whole, as it was read. */
  readonly length: number;
}

const hasExtension = 4;
const hasSize = 2;

/** The unit at the start of `bytes`; one without a size of its own takes all. Undefined when it is malformed. */
export function readObu(bytes: Uint8Array): Obu | undefined {
  const header = bytes[0];
  if (header === undefined || (header & 0x80) !== 0) return undefined;
  const headBytes = (header & hasExtension) !== 0 ? 2 : 1;
  if (bytes.length < headBytes) return undefined;
  const head = bytes.slice(0, headBytes);
  head[0] = header & ~hasSize;
  let from = headBytes;
  let end = bytes.length;
  if ((header & hasSize) !== 0) {
    const size = readLeb128(bytes, headBytes);
    if (size === undefined || size.end + size.value > bytes.length) return undefined;
    from = size.end;
    end = from + size.value;
  }
  return { type: (header >> 3) & 15, head, content: bytes.subarray(from, end), length: end };
}

/** Units of a temporal unit in order; undefined when one is malformed. */
export function splitObus(temporalUnit: Uint8Array): readonly Obu[] | undefined {
  const units: Obu[] = [];
  for (let at = 0; at < temporalUnit.length;) {
    const unit = readObu(temporalUnit.subarray(at));
    if (unit === undefined) return undefined;
    units.push(unit);
    at += unit.length;
  }
  return units;
}

/** Parts of the unit in the low-overhead format, with its size. */
export function sizedObu({ head, content }: Obu): readonly Uint8Array[] {
  const sized = head.slice();
  sized[0] = (head[0] ?? 0) | hasSize;
  return [sized, Uint8Array.from(leb128(content.length)), content];
}

/** True for units that are not sent (RTP payload format for AV1 §5): they mean nothing to a decoder there. */
export function isUnsent(type: number): boolean {
  return type === obuType.temporalDelimiter || type === obuType.tileList || type === obuType.padding;
}

/** Whether a frame or its header stands for a shown key frame (§5.9.2); undefined for other units. */
export function showsKeyFrame({ type, content }: Pick<Obu, 'type' | 'content'>): boolean | undefined {
  if (type !== obuType.frame && type !== obuType.frameHeader) return undefined;
  // Not an existing frame shown again, type 0, shown.
  return ((content[0] ?? 0xff) & 0xf0) === 0x10;
}

/** Least significant seven bits first. */
export function leb128(value: number): readonly number[] {
  const bytes: number[] = [];
  let left = value;
  do {
    bytes.push((left & 0x7f) | (left > 0x7f ? 0x80 : 0));
    left >>>= 7;
  } while (left > 0);
  return bytes;
}

/** Four bytes at most: nothing that is larger comes in packets. Undefined when it is longer or cut short. */
export function readLeb128(
  bytes: Uint8Array,
  start: number,
): { readonly value: number; readonly end: number } | undefined {
  let value = 0;
  for (let index = 0; index < 4; index++) {
    const byte = bytes[start + index];
    if (byte === undefined) return undefined;
    value |= (byte & 0x7f) << (7 * index);
    if ((byte & 0x80) === 0) return { value, end: start + index + 1 };
  }
  return undefined;
}
