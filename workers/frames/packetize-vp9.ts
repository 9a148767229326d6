// Owns RTP payloads from VP9 frames (RFC 9628 §4.2): non-flexible mode, one spatial and one temporal layer. Key frames carry
// the scalability structure, without which browsers drop them in this mode.
import { splitEvenly, withHead, type RtpPayload } from './rtp-payload.ts';

const pictureIdPresent = 0x80;
const interPicture = 0x40;
const layerIndices = 0x20;
const startOfFrame = 0x08;
const endOfFrame = 0x04;
const structurePresent = 0x02;
/** One layer, no sizes; a group of one picture of layer 0 that refers to the one before it. */
const structure = [0x08, 1, 0x14, 1];
/** Flags, picture id, layer indices, TL0PICIDX, and room for the structure in each. */
const maxDescriptorBytes = 5 + structure.length;

export class Vp9Packetizer {
  #pictureId: number;
  #tl0PicIdx: number;

  /** The first frame's numbers (15 and 8 bits); best drawn at random. */
  constructor(pictureId = 0, tl0PicIdx = 0) {
    this.#pictureId = pictureId & 0x7fff;
    this.#tl0PicIdx = tl0PicIdx & 0xff;
  }

  /** Payloads of at most `maxPayloadBytes` (more than 9) for one encoded frame; none for an empty frame. */
  packetize(frame: Uint8Array, keyFrame: boolean, maxPayloadBytes: number): readonly RtpPayload[] {
    const parts = splitEvenly(frame, maxPayloadBytes - maxDescriptorBytes);
    if (parts.length === 0) return [];
    const flags = pictureIdPresent | layerIndices | (keyFrame ? 0 : interPicture);
    const picture = [0x80 | (this.#pictureId >> 8), this.#pictureId & 0xff, 0, this.#tl0PicIdx];
    this.#pictureId = (this.#pictureId + 1) & 0x7fff;
    this.#tl0PicIdx = (this.#tl0PicIdx + 1) & 0xff;
    return parts.map((part, index) => {
      const marker = index === parts.length - 1;
      const first = index === 0 ? startOfFrame | (keyFrame ? structurePresent : 0) : 0;
      const head = [flags | first | (marker ? endOfFrame : 0), ...picture];
      return {
        payload: withHead((first & structurePresent) !== 0 ? [...head, ...structure] : head, part),
        marker,
      };
    });
  }
}
