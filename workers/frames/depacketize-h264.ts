// Owns H.264 access units in Annex B form from RTP payloads (RFC 6184, packetization modes 0 and 1: single NAL unit, STAP-A,
// FU-A). Payloads of the interleaved mode count as malformed.
import { readUint16 } from '../rtp/bytes.ts';
import { framePayloads, incomplete, joinParts } from './frame-payloads.ts';
import { nalType, startCode } from './h264-nal.ts';
import type { VideoDepacketizer } from './video-depacketizer.ts';

const maxAggregated = 64;

export const h264Depacketizer: VideoDepacketizer = {
  inspect(payload) {
    const units = unitsOf(payload);
    const first = units?.[0];
    if (units === undefined || first === undefined) return undefined;
    return { start: !first.continues && beginsFrame(first), key: units.some(isKey) };
  },

  /** An IDR slice that comes first is `incomplete` unless `edges` say that no parameter sets came before it. */
  depacketize(packets, edges = {}) {
    const payloads = framePayloads(packets, edges);
    if (payloads === undefined) return incomplete(packets);
    const parts: Uint8Array[] = [];
    let keyFrame = false;
    let fragmented = -1;
    for (const payload of payloads) {
      const units = unitsOf(payload);
      if (units === undefined) return incomplete(packets);
      for (const unit of units) {
        if (unit.continues !== fragmented >= 0) return incomplete(packets);
        if (unit.continues) {
          if (unit.header !== fragmented) return incomplete(packets);
        } else {
          if (parts.length === 0 && edges.begins !== true && !beginsFrame(unit)) return incomplete(packets);
          parts.push(startCode, Uint8Array.of(unit.header));
        }
        parts.push(unit.body);
        fragmented = unit.ends ? -1 : unit.header;
        keyFrame ||= isKey(unit);
      }
    }
    if (fragmented >= 0) return incomplete(packets);
    const timestamp = packets[0]?.timestamp ?? 0;
    return { type: 'complete', frame: { data: joinParts(parts), timestamp, keyFrame } };
  },
};

/** A NAL unit or a part of one. */
interface Unit {
  /** The NAL unit's own first byte. */
  readonly header: number;
  readonly body: Uint8Array;
  /** A fragment that is not the first. */
  readonly continues: boolean;
  readonly ends: boolean;
}

function isKey({ header }: Unit): boolean {
  const type = header & 31;
  return type === nalType.idr || type === nalType.sps;
}

/** True for units that nothing needed can precede: delimiter, parameter set, or an inter slice of macroblock 0. */
function beginsFrame({ header, body }: Unit): boolean {
  const type = header & 31;
  return (
    type === nalType.delimiter ||
    type === nalType.sps ||
    (type === nalType.slice && ((body[0] ?? 0) & 0x80) !== 0)
  );
}

/** Units in one payload; undefined when it is empty or malformed. */
function unitsOf(payload: Uint8Array): readonly Unit[] | undefined {
  const first = payload[0] ?? 0;
  const type = first & 31;
  if (payload.length === 0 || (first & 0x80) !== 0) return undefined;
  if (isPlain(type)) return [whole(payload)];
  if (type === nalType.stapA) return aggregated(payload);
  if (type !== nalType.fuA || payload.length < 3) return undefined;
  const fragment = payload[1] ?? 0;
  if (!isPlain(fragment & 31)) return undefined;
  return [
    {
      header: (first & 0x60) | (fragment & 31),
      body: payload.subarray(2),
      continues: (fragment & 0x80) === 0,
      ends: (fragment & 0x40) !== 0,
    },
  ];
}

function aggregated(payload: Uint8Array): readonly Unit[] | undefined {
  const units: Unit[] = [];
  let at = 1;
  while (at < payload.length) {
    const length = readUint16(payload, at);
    const unit = payload.subarray(at + 2, at + 2 + length);
    const header = unit[0] ?? 0;
    if (length < 1 || unit.length < length || units.length === maxAggregated) return undefined;
    if ((header & 0x80) !== 0 || !isPlain(header & 31)) return undefined;
    units.push(whole(unit));
    at += 2 + length;
  }
  return units.length > 0 ? units : undefined;
}

function whole(unit: Uint8Array): Unit {
  return { header: unit[0] ?? 0, body: unit.subarray(1), continues: false, ends: true };
}

function isPlain(type: number): boolean {
  return type >= 1 && type <= 23;
}
