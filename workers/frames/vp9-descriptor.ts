// Owns reading the VP9 payload descriptor (RFC 9628 §4.2), flexible and non-flexible mode. Key frames and sizes:
// workers/rtp/vp9-payload.ts.
import { readUint16 } from '../rtp/bytes.ts';

/** One parsed descriptor; made once and filled again. */
export class Vp9Descriptor {
  /** Bytes of descriptor before the VP9 payload. */
  length = 0;
  /** First and last packet of one spatial layer's frame. */
  startOfLayer = false;
  endOfLayer = false;
  interPicture = false;
  flexible = false;
  /** -1 when absent. */
  pictureId = -1;
  /** 0 when the descriptor does not tell. */
  temporalLayer = 0;
  spatialLayer = 0;
  /** -1 when absent. */
  tl0PicIdx = -1;
}

/** Reads the descriptor at the start of `payload`; false when it is cut short or malformed. Never throws. */
export function parseVp9Descriptor(payload: Uint8Array, into: Vp9Descriptor): boolean {
  const flags = payload[0];
  if (flags === undefined) return false;
  into.interPicture = (flags & 0x40) !== 0;
  into.flexible = (flags & 0x10) !== 0;
  into.startOfLayer = (flags & 0x08) !== 0;
  into.endOfLayer = (flags & 0x04) !== 0;
  into.pictureId = -1;
  into.temporalLayer = 0;
  into.spatialLayer = 0;
  into.tl0PicIdx = -1;
  let at = 1;
  if ((flags & 0x80) !== 0) {
    const id = payload[at] ?? 0;
    const long = (id & 0x80) !== 0;
    into.pictureId = long ? readUint16(payload, at) & 0x7fff : id;
    at += long ? 2 : 1;
  }
  if ((flags & 0x20) !== 0) {
    const layers = payload[at++] ?? 0;
    into.temporalLayer = layers >> 5;
    into.spatialLayer = (layers >> 1) & 7;
    if (!into.flexible) into.tl0PicIdx = payload[at++] ?? 0;
  }
  if (into.flexible && into.interPicture) {
    let references = 0;
    let more = true;
    while (more) {
      // A picture has at most three references.
      if (references++ === 3) return false;
      more = ((payload[at++] ?? 0) & 1) !== 0;
    }
  }
  if ((flags & 0x02) !== 0) at = afterStructure(payload, at);
  into.length = at;
  return at <= payload.length;
}

/** Offset behind the scalability structure at `start`; beyond the payload when it is cut short. */
function afterStructure(payload: Uint8Array, start: number): number {
  let at = start;
  const structure = payload[at++] ?? 0;
  if ((structure & 0x10) !== 0) at += 4 * ((structure >> 5) + 1);
  if ((structure & 0x08) !== 0) {
    const pictures = payload[at++] ?? 0;
    for (let picture = 0; picture < pictures; picture++) at += 1 + (((payload[at] ?? 0) >> 2) & 3);
  }
  return at;
}
