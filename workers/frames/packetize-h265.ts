// Owns RTP payloads from H.265 access units in Annex B form (RFC 7798 §4.4.1 to §4.4.3), without decoding order numbers.
import { splitAnnexB } from './annex-b.ts';
import { hevcHeader, hevcHeaderBytes, hevcType, hevcTypeOf, withHevcType } from './h265-nal.ts';
import { packetizeNal } from './packetize-nal.ts';
import { splitEvenly, withHead, type RtpPayload } from './rtp-payload.ts';

const fuBytes = 3;
const small: ReadonlySet<number> = new Set([
  hevcType.vps,
  hevcType.sps,
  hevcType.pps,
  hevcType.delimiter,
  hevcType.sei,
  hevcType.suffixSei,
]);

/** Payloads of at most `maxPayloadBytes` (more than 3) for one access unit; what is too short for a header is left out. */
export function packetizeH265(accessUnit: Uint8Array, maxPayloadBytes: number): readonly RtpPayload[] {
  const units = splitAnnexB(accessUnit).filter(({ length }) => length >= hevcHeaderBytes);
  return packetizeNal(units, maxPayloadBytes, {
    isSmall: (unit) => small.has(hevcTypeOf(hevcHeader(unit))),
    headBytes: hevcHeaderBytes,
    headOf,
    fragments,
  });
}

/** Of the lowest layer and temporal id. */
function headOf(units: readonly Uint8Array[]): readonly number[] {
  const headers = units.map(hevcHeader);
  const layer = Math.min(...headers.map((header) => header & 0x1f8));
  const temporal = Math.min(...headers.map((header) => header & 7));
  return bytesOf(withHevcType(layer | temporal, hevcType.aggregation));
}

function fragments(unit: Uint8Array, maxPayloadBytes: number): readonly Uint8Array[] {
  const header = hevcHeader(unit);
  const parts = splitEvenly(unit.subarray(hevcHeaderBytes), maxPayloadBytes - fuBytes);
  return parts.map((part, index) => {
    const place = (index === 0 ? 0x80 : 0) | (index === parts.length - 1 ? 0x40 : 0);
    const head = bytesOf(withHevcType(header, hevcType.fragmentation));
    return withHead([...head, place | hevcTypeOf(header)], part);
  });
}

/** Two bytes. */
function bytesOf(value: number): [number, number] {
  return [value >> 8, value & 0xff];
}
