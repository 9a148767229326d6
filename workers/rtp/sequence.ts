// Owns wrap-around arithmetic of 16-bit sequence numbers and 32-bit timestamps. Knows nothing of packets.

/** Signed distance `to - from` of two 16-bit numbers, -32768…32767. */
export function sequenceDelta(to: number, from: number): number {
  return ((to - from) << 16) >> 16;
}

/** True when 16-bit `candidate` comes after `reference` (RFC 1982 sense; exactly half way counts as before). */
export function isNewerSequence(candidate: number, reference: number): boolean {
  return sequenceDelta(candidate, reference) > 0;
}

/** Signed distance `to - from` of two 32-bit numbers. */
export function timestampDelta(to: number, from: number): number {
  return (to - from) | 0;
}

/** True when 32-bit `candidate` comes after `reference`. */
export function isNewerTimestamp(candidate: number, reference: number): boolean {
  return timestampDelta(candidate, reference) > 0;
}

/** The unbounded number nearest to `reference` (itself unbounded) whose low 16 bits are `sequence`. */
export function extendSequence(sequence: number, reference: number): number {
  return reference + sequenceDelta(sequence, reference & 0xffff);
}

/** The unbounded number nearest to `reference` (itself unbounded) whose low 32 bits are `timestamp`. */
export function extendTimestamp(timestamp: number, reference: number): number {
  return reference + timestampDelta(timestamp, reference >>> 0);
}
