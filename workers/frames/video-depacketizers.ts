// Owns which depacketizer belongs to which codec.
import type { VideoFormat } from '../../schemas/media.ts';
import { av1Depacketizer } from './depacketize-av1.ts';
import { h264Depacketizer } from './depacketize-h264.ts';
import { h265Depacketizer } from './depacketize-h265.ts';
import { vp8Depacketizer } from './depacketize-vp8.ts';
import { vp9Depacketizer } from './depacketize-vp9.ts';
import type { VideoDepacketizer } from './video-depacketizer.ts';

/** Codecs whose frames we read; which of them are decoded is the engine's. */
export type DecodedCodec = VideoFormat['codec'];

export const videoDepacketizers: Readonly<Record<DecodedCodec, VideoDepacketizer>> = {
  vp8: vp8Depacketizer,
  vp9: vp9Depacketizer,
  h264: h264Depacketizer,
  h265: h265Depacketizer,
  av1: av1Depacketizer,
};
