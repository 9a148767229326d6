// Owns VP8 frames from RTP payloads (RFC 7741 §4). The descriptor is workers/rtp's.
import { parseVp8Descriptor, Vp8Descriptor } from '../rtp/vp8-descriptor.ts';
import { framePayloads, incomplete, joinParts } from './frame-payloads.ts';
import type { VideoDepacketizer } from './video-depacketizer.ts';

const descriptor = new Vp8Descriptor();

/** Fills `descriptor`; false when nothing of a frame follows it. */
function read(payload: Uint8Array): boolean {
  return parseVp8Descriptor(payload, 0, payload.length, descriptor) && descriptor.length < payload.length;
}

function isKey(payload: Uint8Array): boolean {
  return ((payload[descriptor.length] ?? 1) & 1) === 0;
}

export const vp8Depacketizer: VideoDepacketizer = {
  inspect(payload) {
    if (!read(payload)) return undefined;
    return { start: descriptor.startOfFrame, key: descriptor.startOfFrame && isKey(payload) };
  },

  depacketize(packets, edges = {}) {
    const payloads = framePayloads(packets, edges);
    if (payloads === undefined) return incomplete(packets);
    const parts: Uint8Array[] = [];
    let keyFrame = false;
    let pictureId = -1;
    for (const payload of payloads) {
      const first = parts.length === 0;
      if (!read(payload) || descriptor.startOfFrame !== first) return incomplete(packets);
      if (first) {
        keyFrame = isKey(payload);
        pictureId = descriptor.pictureId;
      } else if (descriptor.pictureId !== pictureId) {
        return incomplete(packets);
      }
      parts.push(payload.subarray(descriptor.length));
    }
    const timestamp = packets[0]?.timestamp ?? 0;
    return { type: 'complete', frame: { data: joinParts(parts), timestamp, keyFrame } };
  },
};
