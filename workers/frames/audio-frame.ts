// Owns the shape of one packet of encoded sound, whatever its codec.
import type { MediaPacket } from './media-packet.ts';

export interface AudioFrame {
  /** What the codec's decoder takes. */
  readonly data: Uint8Array;
  /** 16 bits. */
  readonly sequence: number;
  /** 32 bits, in ticks of the codec's RTP clock. */
  readonly timestamp: number;
  readonly durationTicks: number;
  /** It also holds the sound before it, in lower quality (Opus in-band FEC). */
  readonly hasFec: boolean;
  /** The sender may now be silent without sending (Opus DTX). */
  readonly dtx: boolean;
}

export interface AudioDepacketizer {
  /** RTP ticks per second. */
  readonly clockRate: number;
  /** Undefined for a payload that is empty or malformed. Never throws. */
  depacketize(packet: MediaPacket): AudioFrame | undefined;
}
