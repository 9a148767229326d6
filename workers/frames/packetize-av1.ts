// Owns RTP payloads from AV1 temporal units in the low-overhead format (RTP payload format for AV1 §4 and §5), of one
// spatial and one temporal layer.
import { isUnsent, leb128, obuType, splitObus } from './av1-obu.ts';
import { joinParts } from './frame-payloads.ts';
import { withHead, type RtpPayload } from './rtp-payload.ts';

/** As many elements as the aggregation header can count: the last then needs no length. */
const maxElements = 3;
const aggregationBytes = 1;
/** Room for the length of an element, of at most 16,383 bytes. */
const lengthBytes = 2;

/** Elements that share a packet. */
interface Packet {
  readonly elements: Uint8Array[];
  bytes: number;
  continues: boolean;
  unfinished: boolean;
}

/**
 * Payloads of at most `maxPayloadBytes` (4 to 16,384) for one temporal unit; none for one that is malformed. With a sequence
 * header it begins a coded video sequence.
 */
export function packetizeAv1(temporalUnit: Uint8Array, maxPayloadBytes: number): readonly RtpPayload[] {
  const obus = (splitObus(temporalUnit) ?? []).filter(({ type }) => !isUnsent(type));
  const isNew = obus.some(({ type }) => type === obuType.sequenceHeader);
  const packets: Packet[] = [];
  for (const { head, content } of obus) {
    let left = joinParts([head, content]);
    for (let isFirst = true; left.length > 0; isFirst = false) {
      const packet = withRoom(packets, maxPayloadBytes, !isFirst);
      const part = left.subarray(0, maxPayloadBytes - packet.bytes - lengthBytes);
      left = left.subarray(part.length);
      packet.elements.push(part);
      packet.bytes += lengthBytes + part.length;
      packet.unfinished = left.length > 0;
    }
  }
  return packets.map((packet, index) => ({
    payload: payloadOf(packet, isNew && index === 0),
    marker: index === packets.length - 1,
  }));
}

/** The last packet, or another when it is full. What begins in the middle of a unit always begins a packet. */
function withRoom(packets: Packet[], maxPayloadBytes: number, continues: boolean): Packet {
  const last = packets.at(-1);
  const isFull =
    last === undefined ||
    continues ||
    last.elements.length === maxElements ||
    last.bytes + lengthBytes >= maxPayloadBytes;
  if (!isFull) return last;
  const packet = { elements: [], bytes: aggregationBytes, continues, unfinished: false };
  packets.push(packet);
  return packet;
}

function payloadOf({ elements, continues, unfinished }: Packet, isNew: boolean): Uint8Array {
  const header =
    (continues ? 0x80 : 0) | (unfinished ? 0x40 : 0) | (elements.length << 4) | (isNew ? 0x08 : 0);
  const parts = elements.map((element, index) =>
    index === elements.length - 1 ? element : withHead(leb128(element.length), element),
  );
  return withHead([header], joinParts(parts));
}
