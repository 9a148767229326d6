// Owns which depacketizer belongs to which codec.
import { h264Depacketizer } from './depacketize-h264.ts';
import { vp8Depacketizer } from './depacketize-vp8.ts';
import { vp9Depacketizer } from './depacketize-vp9.ts';
import type { VideoDepacketizer } from './video-depacketizer.ts';

/** Codecs whose pictures we decode. */
export type DecodedCodec = 'vp8' | 'vp9' | 'h264';

export const videoDepacketizers: Readonly<Record<DecodedCodec, VideoDepacketizer>> = {
  vp8: vp8Depacketizer,
  vp9: vp9Depacketizer,
  h264: h264Depacketizer,
};
