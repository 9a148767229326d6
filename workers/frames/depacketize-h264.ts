// Owns H.264 access units in Annex B form from RTP payloads (RFC 6184, packetization modes 0 and 1: single NAL unit, STAP-A,
// FU-A). Payloads of the interleaved mode count as malformed.
import { readUint16 } from '../rtp/bytes.ts';
import { nalType } from './h264-nal.ts';
import { nalDepacketizer, type NalPart } from './nal-depacketizer.ts';
import type { VideoDepacketizer } from './video-depacketizer.ts';

const maxAggregated = 64;

export const h264Depacketizer: VideoDepacketizer = nalDepacketizer({
  unitsOf,
  headerOf: (header) => Uint8Array.of(header),
  beginsFrame,
  tellsKey: isKey,
  isKey,
});

function isKey({ header }: NalPart): boolean {
  const type = header & 31;
  return type === nalType.idr || type === nalType.sps;
}

/** True for units that nothing needed can precede: delimiter, parameter set, or an inter slice of macroblock 0. */
function beginsFrame({ header, body }: NalPart): boolean {
  const type = header & 31;
  return (
    type === nalType.delimiter ||
    type === nalType.sps ||
    (type === nalType.slice && ((body[0] ?? 0) & 0x80) !== 0)
  );
}

/** Units in one payload; undefined when it is empty or malformed. */
function unitsOf(payload: Uint8Array): readonly NalPart[] | undefined {
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

function aggregated(payload: Uint8Array): readonly NalPart[] | undefined {
  const units: NalPart[] = [];
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

function whole(unit: Uint8Array): NalPart {
  return { header: unit[0] ?? 0, body: unit.subarray(1), continues: false, ends: true };
}

function isPlain(type: number): boolean {
  return type >= 1 && type <= 23;
}
