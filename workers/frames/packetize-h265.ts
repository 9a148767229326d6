// Owns RTP payloads from H.265 access units in Annex B form (RFC 7798 §4.4.1 to §4.4.3), without decoding order numbers.
import { splitAnnexB } from './annex-b.ts';
import { hevcHeader, hevcHeaderBytes, hevcType, hevcTypeOf, withHevcType } from './h265-nal.ts';
import { splitEvenly, withHead, type RtpPayload } from './rtp-payload.ts';

const fuBytes = 3;
/** What may share a packet: all that is not picture data. */
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
  const payloads: Uint8Array[] = [];
  let waiting: Uint8Array[] = [];
  let waitingBytes = hevcHeaderBytes;
  const flush = (): void => {
    if (waiting.length > 0) payloads.push(aggregate(waiting));
    waiting = [];
    waitingBytes = hevcHeaderBytes;
  };
  for (const unit of splitAnnexB(accessUnit)) {
    if (unit.length < hevcHeaderBytes) continue;
    const fits = unit.length <= maxPayloadBytes;
    if (fits && small.has(hevcTypeOf(hevcHeader(unit)))) {
      if (waitingBytes + 2 + unit.length > maxPayloadBytes) flush();
      waiting.push(unit);
      waitingBytes += 2 + unit.length;
    } else {
      flush();
      if (fits) payloads.push(unit);
      else payloads.push(...fragments(unit, maxPayloadBytes));
    }
  }
  flush();
  return payloads.map((payload, index) => ({ payload, marker: index === payloads.length - 1 }));
}

/** One unit as it is, several as an aggregation packet of their lowest layer and temporal id. */
function aggregate(units: readonly Uint8Array[]): Uint8Array {
  const [only] = units;
  if (only !== undefined && units.length === 1) return only;
  const headers = units.map(hevcHeader);
  const layer = Math.min(...headers.map((header) => header & 0x1f8));
  const temporal = Math.min(...headers.map((header) => header & 7));
  const length = units.reduce((sum, unit) => sum + 2 + unit.length, hevcHeaderBytes);
  const payload = new Uint8Array(length);
  payload.set(bytesOf(withHevcType(layer | temporal, hevcType.aggregation)));
  let at = hevcHeaderBytes;
  for (const unit of units) {
    payload.set(bytesOf(unit.length), at);
    payload.set(unit, at + 2);
    at += 2 + unit.length;
  }
  return payload;
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
