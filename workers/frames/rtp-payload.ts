// Owns the shapes packetizers give, and cutting bytes into even pieces.

/** One packet's payload; timestamp and sequence number are the sender's. */
export interface RtpPayload {
  readonly payload: Uint8Array;
  /** Video: the last packet of a frame. Sound: the first after silence (RFC 3551 §4.1). */
  readonly marker: boolean;
}

/** Sound cut into packets. */
export interface AudioPayload extends RtpPayload {
  /** Ticks of the RTP clock since the first packet. */
  readonly timestampOffset: number;
}

/** Views of `bytes`, as few as fit `maxBytes` (at least 1) each, their lengths at most one byte apart. */
export function splitEvenly(bytes: Uint8Array, maxBytes: number): readonly Uint8Array[] {
  const count = Math.ceil(bytes.length / Math.max(1, maxBytes));
  return Array.from({ length: count }, (_, index) =>
    bytes.subarray(
      Math.floor((index * bytes.length) / count),
      Math.floor(((index + 1) * bytes.length) / count),
    ),
  );
}

/** `head` followed by `body`. */
export function withHead(head: readonly number[], body: Uint8Array): Uint8Array {
  const payload = new Uint8Array(head.length + body.length);
  payload.set(head);
  payload.set(body, head.length);
  return payload;
}
