// Owns VP9 pictures from RTP payloads (RFC 9628 §4). Spatial layers of one picture are joined: the decoder takes them in a
// row and shows the last.
import { vp9KeyFrame } from '../rtp/vp9-payload.ts';
import { framePayloads, incomplete, joinParts } from './frame-payloads.ts';
import type { VideoDepacketizer } from './video-depacketizer.ts';
import { parseVp9Descriptor, Vp9Descriptor } from './vp9-descriptor.ts';

const descriptor = new Vp9Descriptor();

/** Fills `descriptor`; false when nothing of a frame follows it. */
function read(payload: Uint8Array): boolean {
  return parseVp9Descriptor(payload, descriptor) && descriptor.length < payload.length;
}

/**
 * True where descriptor and frame header (VP9 bitstream §6.2) say key frame: some senders never mark pictures as
 * predicted, and a picture without prediction may also be an intra-only one.
 */
function isKey(payload: Uint8Array): boolean {
  if (!vp9KeyFrame(payload, 0, payload.length)) return false;
  const header = payload[descriptor.length] ?? 0;
  if (header >> 6 !== 2) return true;
  const flags = (header & 0x30) === 0x30 ? header >> 1 : header >> 2;
  return (flags & 3) === 0;
}

export const vp9Depacketizer: VideoDepacketizer = {
  inspect(payload) {
    if (!read(payload)) return undefined;
    return {
      start: descriptor.startOfLayer && descriptor.spatialLayer === 0,
      key: isKey(payload),
    };
  },

  depacketize(packets, edges = {}) {
    const payloads = framePayloads(packets, edges);
    if (payloads === undefined) return incomplete(packets);
    const parts: Uint8Array[] = [];
    let pictureId = -1;
    let spatialLayer = -1;
    let betweenLayers = true;
    let keyFrame = false;
    for (const payload of payloads) {
      if (!read(payload) || descriptor.startOfLayer !== betweenLayers) return incomplete(packets);
      if (parts.length === 0) {
        pictureId = descriptor.pictureId;
        keyFrame = isKey(payload);
      }
      if (descriptor.pictureId !== pictureId) return incomplete(packets);
      if (betweenLayers) {
        if (spatialLayer < 0 ? descriptor.spatialLayer !== 0 : descriptor.spatialLayer <= spatialLayer)
          return incomplete(packets);
        spatialLayer = descriptor.spatialLayer;
      } else if (descriptor.spatialLayer !== spatialLayer) {
        return incomplete(packets);
      }
      betweenLayers = descriptor.endOfLayer;
      parts.push(payload.subarray(descriptor.length));
    }
    if (!betweenLayers) return incomplete(packets);
    return {
      type: 'complete',
      frame: {
        data: joinParts(parts),
        timestamp: packets[0]?.timestamp ?? 0,
        keyFrame,
      },
    };
  },
};
