// Owns AV1 temporal units in the low-overhead format from RTP payloads (RTP payload format for AV1 §4). Descriptors of
// dependencies and of scalability are not read: the decoder takes all layers.
import { av1KeyFrame } from '../rtp/av1-payload.ts';
import {
  isUnsent,
  obuType,
  readLeb128,
  readObu,
  showsKeyFrame,
  sizedObu,
  temporalDelimiter,
  type Obu,
} from './av1-obu.ts';
import { framePayloads, incomplete, joinParts } from './frame-payloads.ts';
import type { VideoDepacketizer } from './video-depacketizer.ts';

/** The elements of one payload. */
interface Elements {
  /** The first goes on from the packet before. */
  readonly continues: boolean;
  /** The last goes on in the packet after. */
  readonly unfinished: boolean;
  /** The first packet of a coded video sequence. */
  readonly isNew: boolean;
  readonly elements: readonly Uint8Array[];
}

const maxElements = 64;

export const av1Depacketizer: VideoDepacketizer = {
  inspect(payload) {
    const read = elementsOf(payload);
    if (read === undefined) return undefined;
    return { start: beginsFrame(read), key: av1KeyFrame(payload, 0, payload.length) };
  },

  /** A key frame that comes first is `incomplete` unless `edges` say that no sequence header came before it. */
  depacketize(packets, edges = {}) {
    const payloads = framePayloads(packets, edges);
    if (payloads === undefined) return incomplete(packets);
    const units: Uint8Array[][] = [];
    let unfinished = false;
    for (const payload of payloads) {
      const read = elementsOf(payload);
      if (read?.continues !== unfinished) return incomplete(packets);
      if (units.length === 0 && edges.begins !== true && !beginsFrame(read)) return incomplete(packets);
      read.elements.forEach((element, index) => {
        if (index === 0 && read.continues) units.at(-1)?.push(element);
        else units.push([element]);
      });
      unfinished = read.unfinished;
    }
    const obus = unfinished ? undefined : wholeObus(units);
    if (obus === undefined) return incomplete(packets);
    const data = joinParts([temporalDelimiter, ...obus.flatMap(sizedObu)]);
    const timestamp = packets[0]?.timestamp ?? 0;
    return { type: 'complete', frame: { data, timestamp, keyFrame: isKey(obus) } };
  },
};

/** Undefined when one is malformed, or none is left. */
function wholeObus(units: readonly (readonly Uint8Array[])[]): readonly Obu[] | undefined {
  const obus: Obu[] = [];
  for (const parts of units) {
    const obu = readObu(joinParts(parts));
    if (obu === undefined) return undefined;
    if (!isUnsent(obu.type)) obus.push(obu);
  }
  return obus.length > 0 ? obus : undefined;
}

/** Decoding can start with a sequence header whose first frame is a key frame. A reduced one has stills only (§5.5.1). */
function isKey(obus: readonly Obu[]): boolean {
  const at = obus.findIndex(({ type }) => type === obuType.sequenceHeader);
  const header = obus[at];
  if (header === undefined) return false;
  const isStill = ((header.content[0] ?? 0) & 0x08) !== 0;
  return (
    isStill ||
    obus
      .slice(at)
      .map(showsKeyFrame)
      .find((shows) => shows !== undefined) === true
  );
}

/** True where a coded video sequence begins, or a frame that needs no sequence header before it. */
function beginsFrame({ continues, isNew, elements }: Elements): boolean {
  if (continues) return false;
  if (isNew) return true;
  const [first] = elements;
  // Its end may be in another packet, so its size says nothing yet.
  const header = first?.[0] ?? 0;
  const type = (header >> 3) & 15;
  if (type === obuType.sequenceHeader || type === obuType.temporalDelimiter) return true;
  const content = first?.subarray((header & 4) !== 0 ? 2 : 1) ?? new Uint8Array(0);
  const size = (header & 2) !== 0 ? readLeb128(content, 0)?.end : 0;
  return size !== undefined && showsKeyFrame({ type, content: content.subarray(size) }) === false;
}

/** Undefined for a payload that is empty or malformed. */
function elementsOf(payload: Uint8Array): Elements | undefined {
  const aggregation = payload[0] ?? 0;
  const count = (aggregation >> 4) & 3;
  const elements: Uint8Array[] = [];
  let at = 1;
  while (at < payload.length) {
    let end = payload.length;
    if (elements.length + 1 !== count) {
      const length = readLeb128(payload, at);
      if (length === undefined || length.end + length.value > payload.length) return undefined;
      at = length.end;
      end = at + length.value;
    }
    if (end === at || elements.length === maxElements) return undefined;
    elements.push(payload.subarray(at, end));
    at = end;
  }
  if (elements.length === 0 || (count !== 0 && elements.length !== count)) return undefined;
  return {
    continues: (aggregation & 0x80) !== 0,
    unfinished: (aggregation & 0x40) !== 0,
    isNew: (aggregation & 0x08) !== 0 && (aggregation & 0x80) === 0,
    elements,
  };
}
