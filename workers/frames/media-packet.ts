// Owns the shape in which RTP packets reach this folder: header fields and a payload of their own memory. Reading packets
// is workers/rtp's.
import type { RtpHeader } from '../rtp/packet.ts';

/** One RTP packet; whoever gets it may keep `payload`. A packet of padding only has an empty payload. */
export interface MediaPacket {
  readonly ssrc: number;
  /** 16 bits. */
  readonly sequence: number;
  /** 32 bits, in ticks of the codec's RTP clock. */
  readonly timestamp: number;
  readonly marker: boolean;
  readonly payload: Uint8Array;
}

/** Copies the payload out of a packet whose memory will be used again. */
export function mediaPacket(bytes: Uint8Array, header: RtpHeader): MediaPacket {
  return {
    ssrc: header.ssrc,
    sequence: header.sequence,
    timestamp: header.timestamp,
    marker: header.marker,
    payload: bytes.slice(header.payloadOffset, header.payloadEnd),
  };
}
