// Owns RTP payloads from VP8 frames (RFC 7741 §4.2): 15-bit picture id, TL0PICIDX, one temporal layer.
import { splitEvenly, withHead, type RtpPayload } from './rtp-payload.ts';

const descriptorBytes = 6;

export class Vp8Packetizer {
  #pictureId: number;
  #tl0PicIdx: number;

  /** The first frame's numbers (15 and 8 bits); best drawn at random (RFC 7741 §4.2). */
  constructor(pictureId = 0, tl0PicIdx = 0) {
    this.#pictureId = pictureId & 0x7fff;
    this.#tl0PicIdx = tl0PicIdx & 0xff;
  }

  /** Payloads of at most `maxPayloadBytes` (more than 6) for one encoded frame; none for an empty frame. */
  packetize(frame: Uint8Array, maxPayloadBytes: number): readonly RtpPayload[] {
    const parts = splitEvenly(frame, maxPayloadBytes - descriptorBytes);
    if (parts.length === 0) return [];
    const picture = [0xe0, 0x80 | (this.#pictureId >> 8), this.#pictureId & 0xff, this.#tl0PicIdx, 0];
    this.#pictureId = (this.#pictureId + 1) & 0x7fff;
    this.#tl0PicIdx = (this.#tl0PicIdx + 1) & 0xff;
    return parts.map((part, index) => ({
      payload: withHead([index === 0 ? 0x90 : 0x80, ...picture], part),
      marker: index === parts.length - 1,
    }));
  }
}
