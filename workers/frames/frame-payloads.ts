// Owns whether packets are the unbroken run of one frame, and joining their parts. What the payloads hold is the codecs'.
import { sequenceDelta } from '../rtp/sequence.ts';
import type { MediaPacket } from './media-packet.ts';
import type { Depacketized, FrameEdges } from './video-depacketizer.ts';

/**
 * Payloads in sequence order, without doubles and padding; undefined unless the packets are of one frame, follow each
 * other without a gap and end with the marker (or `edges` say that they end).
 */
export function framePayloads(
  packets: readonly MediaPacket[],
  edges: FrameEdges,
): readonly Uint8Array[] | undefined {
  const [some] = packets;
  if (some === undefined) return undefined;
  const ordered = [...packets].sort((a, b) => sequenceDelta(a.sequence, b.sequence));
  const payloads: Uint8Array[] = [];
  let previous: MediaPacket | undefined;
  let ended = false;
  for (const packet of ordered) {
    if (previous !== undefined) {
      const step = sequenceDelta(packet.sequence, previous.sequence);
      if (step === 0) continue;
      if (step !== 1) return undefined;
    }
    previous = packet;
    if (packet.payload.length === 0) continue;
    if (ended || packet.timestamp !== some.timestamp || packet.ssrc !== some.ssrc) return undefined;
    payloads.push(packet.payload);
    ended = packet.marker;
  }
  return payloads.length > 0 && (ended || edges.ends === true) ? payloads : undefined;
}

/** All parts in one array of their own. */
export function joinParts(parts: readonly Uint8Array[]): Uint8Array {
  let length = 0;
  for (const part of parts) length += part.length;
  const joined = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}

/** The result for a frame that cannot be given. */
export function incomplete(packets: readonly MediaPacket[]): Depacketized {
  return { type: 'incomplete', timestamp: packets[0]?.timestamp ?? 0 };
}
