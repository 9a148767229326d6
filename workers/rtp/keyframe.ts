// Owns the question "does a key frame start in this packet, and of what size", for every codec we forward.
import type { Resolution, VideoFormat } from '../../schemas/media.ts';
import { av1KeyFrame, av1Resolution } from './av1-payload.ts';
import { h264KeyFrame, h264Resolution } from './h264-payload.ts';
import { h265KeyFrame } from './h265-payload.ts';

import { vp8KeyFrame, vp8Resolution } from './vp8-payload.ts';
import { vp9KeyFrame, vp9Resolution } from './vp9-payload.ts';

/** `other`: every packet can be a starting point (audio). */
export type PayloadCodec = VideoFormat['codec'] | 'other';

/** True when the payload at `start`…`end` holds the start of a key frame. Never throws. */
export function isKeyFrame(codec: PayloadCodec, bytes: Uint8Array, start: number, end: number): boolean {
  switch (codec) {
    case 'vp8':
      return vp8KeyFrame(bytes, start, end);
    case 'vp9':
      return vp9KeyFrame(bytes, start, end);
    case 'h264':
      return h264KeyFrame(bytes, start, end);
    case 'h265':
      return h265KeyFrame(bytes, start, end);
    case 'av1':
      return av1KeyFrame(bytes, start, end);
    case 'other':
      return true;
  }
}

/** Picture size in pixels when this packet (the start of a key frame) tells it; for h265 never. Never throws. */
export function resolutionOf(
  codec: PayloadCodec,
  bytes: Uint8Array,
  start: number,
  end: number,
): Resolution | undefined {
  switch (codec) {
    case 'vp8':
      return vp8Resolution(bytes, start, end);
    case 'vp9':
      return vp9Resolution(bytes, start, end);
    case 'h264':
      return h264Resolution(bytes, start, end);
    case 'av1':
      return av1Resolution(bytes, start, end);
    case 'h265':
    case 'other':
      return undefined;
  }
}
