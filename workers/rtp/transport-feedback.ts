// Owns the packed packet list of transport-cc feedback (draft-holmer-rmcat-transport-wide-cc-extensions-01 §3.1):
// unpacking it into arrival times and packing arrival times into it.
import { readUint16, writeUint16, writeUint24, writeUint32 } from './bytes.ts';
import type { TransportFeedback } from './rtcp-packet.ts';

/** Status entries we read or write in one feedback; more is nonsense, since a sender remembers fewer packets. */
export const maxFeedbackPackets = 4096;
/** Milliseconds per tick of an arrival time, and ticks per unit of the reference time. */
export const tickMs = 0.25;
export const ticksPerReference = 256;
/** An arrival that did not happen. */
export const notReceived = -0x80000000;

const headerBytes = 20;
const maxRun = 0x1fff;

/** The unpacked list, made once and filled again. */
export class FeedbackArrivals {
  count = 0;
  /** Ticks after the feedback's reference time, or `notReceived`, for `count` packets in order. */
  readonly ticks = new Int32Array(maxFeedbackPackets);
}

/** Unpacks the list of a feedback packet; false when it is broken. Never throws. */
export function readTransportFeedback(feedback: TransportFeedback, into: FeedbackArrivals): boolean {
  const { bytes, count } = feedback;
  into.count = 0;
  if (count === 0 || count > maxFeedbackPackets) return false;
  const deltasAt = readSymbols(bytes, count, into.ticks);
  if (deltasAt < 0) return false;
  let at = deltasAt;
  let tick = 0;
  for (let index = 0; index < count; index++) {
    const symbol = into.ticks[index] ?? 0;
    if (symbol === 1) {
      if (at + 1 > bytes.length) return false;
      tick += bytes[at++] ?? 0;
    } else if (symbol === 2) {
      if (at + 2 > bytes.length) return false;
      tick += (readUint16(bytes, at) << 16) >> 16;
      at += 2;
    }
    into.ticks[index] = symbol === 0 || symbol === 3 ? notReceived : tick;
  }
  into.count = count;
  return true;
}

/** Puts the status symbol of each packet into `symbols`; the offset after the chunks, or -1. */
function readSymbols(bytes: Uint8Array, count: number, symbols: Int32Array): number {
  let at = 0;
  let known = 0;
  while (known < count) {
    if (at + 2 > bytes.length) return -1;
    const chunk = readUint16(bytes, at);
    at += 2;
    if ((chunk & 0x8000) === 0) {
      const symbol = (chunk >> 13) & 3;
      const until = Math.min(count, known + (chunk & maxRun));
      while (known < until) symbols[known++] = symbol;
    } else if ((chunk & 0x4000) === 0) {
      for (let bit = 13; bit >= 0 && known < count; bit--) symbols[known++] = (chunk >> bit) & 1;
    } else {
      for (let bit = 12; bit >= 0 && known < count; bit -= 2) symbols[known++] = (chunk >> bit) & 3;
    }
  }
  return at;
}

/**
 * Writes one feedback packet for packets `baseSequence`… with arrival times `ticks[0…count)` (absolute, or
 * `notReceived`; one at least must be received). Ends early where `target` is full or a time step is too large.
 * Gives the bytes written; `packed.count` tells how many packets they cover.
 */
export function writeTransportFeedback(
  target: Uint8Array,
  senderSsrc: number,
  mediaSsrc: number,
  baseSequence: number,
  feedbackCount: number,
  ticks: Float64Array,
  count: number,
  packed: { count: number },
): number {
  let first = 0;
  while (first < count && ticks[first] === notReceived) first++;
  const reference = Math.floor((ticks[first] ?? 0) / ticksPerReference);
  const fitting = countFitting(target.length - headerBytes - 3, ticks, count, reference);
  packed.count = fitting;
  writeUint32(target, 4, senderSsrc);
  writeUint32(target, 8, mediaSsrc);
  writeUint16(target, 12, baseSequence);
  writeUint16(target, 14, fitting);
  writeUint24(target, 16, reference & 0xffffff);
  target[19] = feedbackCount;
  let at = writeChunks(target, ticks, fitting, reference);
  at = writeDeltas(target, at, ticks, fitting, reference);
  const padding = (4 - (at & 3)) & 3;
  for (let index = 0; index < padding; index++) target[at++] = index === padding - 1 ? padding : 0;
  target[0] = padding > 0 ? 0xaf : 0x8f;
  target[1] = 205;
  writeUint16(target, 2, (at >> 2) - 1);
  return at;
}

/** How many leading packets fit in `room` bytes of chunks and deltas, counting two-bit chunks as the worst case. */
function countFitting(room: number, ticks: Float64Array, count: number, reference: number): number {
  let previous = reference * ticksPerReference;
  let deltaBytes = 0;
  for (let index = 0; index < count; index++) {
    const tick = ticks[index] ?? notReceived;
    if (tick !== notReceived) {
      const delta = tick - previous;
      if (delta > 0x7fff || delta < -0x8000) return index;
      deltaBytes += symbolOf(delta);
      previous = tick;
    }
    if (deltaBytes + 2 * (Math.floor(index / 7) + 1) > room) return index;
  }
  return count;
}

function symbolOf(delta: number): number {
  return delta >= 0 && delta <= 0xff ? 1 : 2;
}

/** Long runs as run-length chunks, everything else seven to a chunk. */
function writeChunks(target: Uint8Array, ticks: Float64Array, count: number, reference: number): number {
  let at = headerBytes;
  let previous = reference * ticksPerReference;
  let run = 0;
  let runSymbol = -1;
  let vector = 0;
  let vectorLength = 0;
  const close = (): void => {
    if (run === 0) return;
    writeUint16(target, at, (runSymbol << 13) | run);
    at += 2;
    run = 0;
  };
  for (let index = 0; index < count; index++) {
    const tick = ticks[index] ?? notReceived;
    const symbol = tick === notReceived ? 0 : symbolOf(tick - previous);
    if (tick !== notReceived) previous = tick;
    if (run > 0 && symbol === runSymbol && run < maxRun) {
      run++;
      continue;
    }
    close();
    vector = (vector << 2) | symbol;
    vectorLength++;
    if (vectorLength === 7) {
      // Seven alike may be the start of a long run.
      if (isUniform(vector)) {
        run = 7;
        runSymbol = symbol;
      } else {
        writeUint16(target, at, 0xc000 | vector);
        at += 2;
      }
      vector = 0;
      vectorLength = 0;
    }
  }
  close();
  if (vectorLength > 0) {
    writeUint16(target, at, 0xc000 | (vector << (2 * (7 - vectorLength))));
    at += 2;
  }
  return at;
}

function isUniform(vector: number): boolean {
  return vector === 0 || vector === 0x1555 || vector === 0x2aaa;
}

function writeDeltas(
  target: Uint8Array,
  start: number,
  ticks: Float64Array,
  count: number,
  reference: number,
): number {
  let at = start;
  let previous = reference * ticksPerReference;
  for (let index = 0; index < count; index++) {
    const tick = ticks[index] ?? notReceived;
    if (tick === notReceived) continue;
    const delta = tick - previous;
    previous = tick;
    if (symbolOf(delta) === 1) {
      target[at++] = delta;
    } else {
      writeUint16(target, at, delta);
      at += 2;
    }
  }
  return at;
}
