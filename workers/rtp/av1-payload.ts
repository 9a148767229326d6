// Owns recognising AV1 key frames and their size (AV1 RTP payload format §4, AV1 bitstream §5.5).
import type { Resolution } from '../../schemas/media.ts';
import { BitReader } from './bit-reader.ts';

const continues = 0x80;
const newSequence = 0x08;
const sequenceHeader = 1;

/** True for the first packet of a coded video sequence: its N bit, or a sequence header in it. */
export function av1KeyFrame(bytes: Uint8Array, start: number, end: number): boolean {
  if (start + 1 >= end) return false;
  const aggregation = bytes[start] ?? 0;
  if ((aggregation & continues) !== 0) return false;
  return (aggregation & newSequence) !== 0 || findSequenceHeader(bytes, start, end) !== undefined;
}

/** Largest frame size the sequence header in this packet allows, which is that of ordinary streams. */
export function av1Resolution(bytes: Uint8Array, start: number, end: number): Resolution | undefined {
  if (!av1KeyFrame(bytes, start, end)) return undefined;
  const found = findSequenceHeader(bytes, start, end);
  return found === undefined ? undefined : sequenceSize(new BitReader(bytes, found.start, found.end));
}

interface Element {
  readonly start: number;
  readonly end: number;
}

/** The content of the first complete sequence header OBU (without OBU header), if any. */
function findSequenceHeader(bytes: Uint8Array, start: number, end: number): Element | undefined {
  const count = ((bytes[start] ?? 0) >> 4) & 3;
  let at = start + 1;
  for (let index = 1; at < end; index++) {
    let elementEnd = end;
    if (count === 0 || index < count) {
      const length = leb128(bytes, at, end);
      if (length === undefined) return undefined;
      at = length.end;
      elementEnd = at + length.value;
      if (elementEnd > end) return undefined;
    }
    if (at < elementEnd) {
      const header = bytes[at] ?? 0;
      if (((header >> 3) & 15) === sequenceHeader) return obuContent(bytes, at, elementEnd);
    }
    at = elementEnd;
  }
  return undefined;
}

function obuContent(bytes: Uint8Array, at: number, end: number): Element | undefined {
  const header = bytes[at] ?? 0;
  const start = at + ((header & 4) !== 0 ? 2 : 1);
  if ((header & 2) === 0) return { start, end };
  const size = leb128(bytes, start, end);
  if (size === undefined || size.end + size.value > end) return undefined;
  return { start: size.end, end: size.end + size.value };
}

function leb128(bytes: Uint8Array, start: number, end: number): { value: number; end: number } | undefined {
  let value = 0;
  for (let index = 0; index < 4 && start + index < end; index++) {
    const byte = bytes[start + index] ?? 0;
    value |= (byte & 0x7f) << (7 * index);
    if ((byte & 0x80) === 0) return { value, end: start + index + 1 };
  }
  return undefined;
}

function sequenceSize(reader: BitReader): Resolution | undefined {
  reader.bits(4);
  if (reader.flag()) reader.bits(5);
  else skipOperatingPoints(reader);
  const widthBits = reader.bits(4) + 1;
  const heightBits = reader.bits(4) + 1;
  const width = reader.bits(widthBits) + 1;
  const height = reader.bits(heightBits) + 1;
  return reader.exhausted ? undefined : { width, height };
}

function skipOperatingPoints(reader: BitReader): void {
  let delayBits = 0;
  if (reader.flag()) {
    reader.bits(32);
    reader.bits(32);
    if (reader.flag()) reader.golomb();
    if (reader.flag()) {
      delayBits = reader.bits(5) + 1;
      reader.bits(32);
      reader.bits(10);
    }
  }
  const displayDelay = reader.flag();
  const points = reader.bits(5) + 1;
  for (let point = 0; point < points; point++) {
    reader.bits(12);
    if (reader.bits(5) > 7) reader.bits(1);
    if (delayBits > 0 && reader.flag()) {
      reader.bits(delayBits);
      reader.bits(delayBits);
      reader.bits(1);
    }
    if (displayDelay && reader.flag()) reader.bits(4);
  }
}
