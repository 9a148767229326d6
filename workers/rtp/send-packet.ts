// Owns writing one outgoing RTP packet: a fresh compact header, few extensions, RTX when asked, then the payload.
import { noBytes, writeUint16, writeUint32 } from './bytes.ts';

/** What to write; made once per sink (or once for all) and changed field by field. */
export class SendPacket {
  payloadType = 0;
  marker = false;
  sequence = 0;
  timestamp = 0;
  ssrc = 0;
  /** Extension id of transport-wide-cc, 0: leave it out. */
  transportCcId = 0;
  transportCc = 0;
  /** Further extension elements as `extensionElement` made them (such as mid), in the same form as the others. */
  elements: Uint8Array = noBytes;
  /** The number of the packet repeated, for an RTX packet (RFC 4588); -1 otherwise. */
  originalSequence = -1;
  payload: Uint8Array = noBytes;
  /** Result: where the payload was written. */
  payloadAt = 0;
}

/** Room needed in front of a payload: fixed header, extension block, RTX number. Elements come on top. */
export const maxHeaderBytes = 12 + 4 + 4 + 3 + 2;

/** Writes `packet` at the start of `target` and returns its length in bytes; 0 when it does not fit. */
export function writePacket(target: Uint8Array, packet: SendPacket): number {
  const payload = packet.payload;
  const elements = packet.elements;
  if (payload.length + elements.length + maxHeaderBytes > target.length) return 0;
  const transportCcId = packet.transportCcId;
  const extended = transportCcId !== 0 || elements.length !== 0;
  target[0] = extended ? 0x90 : 0x80;
  target[1] = (packet.marker ? 0x80 : 0) | packet.payloadType;
  writeUint16(target, 2, packet.sequence);
  writeUint32(target, 4, packet.timestamp);
  writeUint32(target, 8, packet.ssrc);
  let at = 12;
  if (extended) {
    at = 16;
    let profile = 0xbede;
    if (transportCcId > 14) {
      profile = 0x1000;
      target[at] = transportCcId;
      target[at + 1] = 2;
      writeUint16(target, at + 2, packet.transportCc);
      at += 4;
    } else if (transportCcId !== 0) {
      target[at] = (transportCcId << 4) | 1;
      writeUint16(target, at + 1, packet.transportCc);
      at += 3;
    }
    if (elements.length !== 0) {
      target.set(elements, at);
      at += elements.length;
    }
    while ((at & 3) !== 0) target[at++] = 0;
    writeUint16(target, 12, profile);
    writeUint16(target, 14, (at - 16) >> 2);
  }
  if (packet.originalSequence >= 0) {
    writeUint16(target, at, packet.originalSequence);
    at += 2;
  }
  packet.payloadAt = at;
  target.set(payload, at);
  return at + payload.length;
}

/**
 * One extension element (RFC 8285) with ASCII `text`: one-byte form for ids up to 14 and at most 16 bytes. All
 * elements of a packet must be of one form; `twoByte` forces the longer one.
 */
export function extensionElement(id: number, text: string, twoByte = false): Uint8Array {
  const long = twoByte || id > 14;
  if (id < 1 || id > 255 || text.length < 1 || text.length > (long ? 255 : 16)) {
    throw new RangeError('extension element out of range');
  }
  const head = long ? [id, text.length] : [(id << 4) | (text.length - 1)];
  return Uint8Array.from([...head, ...Array.from(text, (character) => character.charCodeAt(0) & 0x7f)]);
}
