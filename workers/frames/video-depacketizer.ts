// Owns the shape of a video depacketizer and of what it makes. One implementation per codec: depacketize-*.ts.
import type { MediaPacket } from './media-packet.ts';

/** One access unit in decoding order, as the codec's decoder takes it (H.264 and H.265: Annex B; AV1: low-overhead format). */
export interface VideoFrame {
  readonly data: Uint8Array;
  /** 32 bits, 90 kHz. */
  readonly timestamp: number;
  /** Decoding may start here. H.264: the frame has a sequence parameter set or an IDR slice; H.265: a random access slice. */
  readonly keyFrame: boolean;
}

/** `incomplete`: a packet is missing at either end or in between, or one is malformed. */
export type Depacketized =
  | { readonly type: 'complete'; readonly frame: VideoFrame }
  | { readonly type: 'incomplete'; readonly timestamp: number };

/** What one payload tells about the frame it is part of. */
export interface PayloadFacts {
  /** Surely nothing that matters comes before it in the frame. */
  readonly start: boolean;
  /** The frame is a key frame; only some of its packets need to tell. */
  readonly key: boolean;
}

/** What the neighbours of a frame's packets tell, where payload and marker do not. */
export interface FrameEdges {
  /** The packet before the first belongs to another frame. */
  readonly begins?: boolean;
  /** The packet after the last belongs to another frame. */
  readonly ends?: boolean;
}

export interface VideoDepacketizer {
  /** Undefined for a payload that is empty or malformed. Never throws. */
  inspect(payload: Uint8Array): PayloadFacts | undefined;
  /** One frame from all of its packets, in any order, also doubled. `packets` must not be empty. Never throws. */
  depacketize(packets: readonly MediaPacket[], edges?: FrameEdges): Depacketized;
}
