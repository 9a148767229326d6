// Owns H.265 access units in Annex B form from RTP payloads (RFC 7798 §4.4: single NAL unit, aggregation, fragmentation)
// without decoding order numbers. PACI packets count as malformed.
import { readUint16 } from '../rtp/bytes.ts';
import { hevcHeader, hevcHeaderBytes, hevcType, hevcTypeOf, isPlainHevc, withHevcType } from './h265-nal.ts';
import { nalDepacketizer, type NalPart } from './nal-depacketizer.ts';
import type { VideoDepacketizer } from './video-depacketizer.ts';

const maxAggregated = 64;

export const h265Depacketizer: VideoDepacketizer = nalDepacketizer({
  unitsOf,
  headerOf: (header) => Uint8Array.of(header >> 8, header),
  beginsFrame,
  tellsKey: ({ header }) => {
    const type = hevcTypeOf(header);
    return isAccess(type) || type === hevcType.vps || type === hevcType.sps;
  },
  isKey: ({ header }) => isAccess(hevcTypeOf(header)),
});

function isAccess(type: number): boolean {
  return type >= hevcType.firstAccess && type <= hevcType.lastAccess;
}

/** True for a delimiter, the video parameter set, or the first slice of a picture that needs no parameter sets. */
function beginsFrame({ header, body }: NalPart): boolean {
  const type = hevcTypeOf(header);
  if (type === hevcType.delimiter || type === hevcType.vps) return true;
  return type < hevcType.firstAccess && ((body[0] ?? 0) & 0x80) !== 0;
}

function unitsOf(payload: Uint8Array): readonly NalPart[] | undefined {
  if (payload.length < hevcHeaderBytes) return undefined;
  const header = hevcHeader(payload);
  if (isPlainHevc(header)) return [whole(payload)];
  const type = hevcTypeOf(header);
  if (!isPlainHevc(withHevcType(header, 0))) return undefined;
  if (type === hevcType.aggregation) return aggregated(payload);
  if (type !== hevcType.fragmentation || payload.length < 4) return undefined;
  const fragment = payload[2] ?? 0;
  const own = withHevcType(header, fragment & 63);
  if (!isPlainHevc(own)) return undefined;
  return [
    {
      header: own,
      body: payload.subarray(3),
      continues: (fragment & 0x80) === 0,
      ends: (fragment & 0x40) !== 0,
    },
  ];
}

function aggregated(payload: Uint8Array): readonly NalPart[] | undefined {
  const units: NalPart[] = [];
  let at = hevcHeaderBytes;
  while (at < payload.length) {
    const length = readUint16(payload, at);
    const unit = payload.subarray(at + 2, at + 2 + length);
    if (length < hevcHeaderBytes || unit.length < length || units.length === maxAggregated) return undefined;
    if (!isPlainHevc(hevcHeader(unit))) return undefined;
    units.push(whole(unit));
    at += 2 + length;
  }
  return units.length > 0 ? units : undefined;
}

function whole(unit: Uint8Array): NalPart {
  return { header: hevcHeader(unit), body: unit.subarray(hevcHeaderBytes), continues: false, ends: true };
}
