// Owns RTP payloads from H.264 access units in Annex B form (RFC 6184 §5.6 to §5.8).
import { splitAnnexB } from './annex-b.ts';
import { nalType } from './h264-nal.ts';
import { splitEvenly, withHead, type RtpPayload } from './rtp-payload.ts';

/** As negotiated: 0 single NAL units only; 1 also STAP-A and FU-A. */
export type PacketizationMode = 0 | 1;

const fuBytes = 2;
/** What may share a packet: all that is not picture data. */
const small: ReadonlySet<number> = new Set([nalType.sei, nalType.sps, nalType.pps, nalType.delimiter]);

/**
 * Payloads of at most `maxPayloadBytes` (more than 3) for one access unit. Undefined in mode 0 when a NAL unit does not
 * fit: the encoder has to be told to make smaller slices.
 */
export function packetizeH264(
  accessUnit: Uint8Array,
  mode: PacketizationMode,
  maxPayloadBytes: number,
): readonly RtpPayload[] | undefined {
  const payloads: Uint8Array[] = [];
  let waiting: Uint8Array[] = [];
  let waitingBytes = 1;
  const flush = (): void => {
    if (waiting.length > 0) payloads.push(aggregate(waiting));
    waiting = [];
    waitingBytes = 1;
  };
  for (const unit of splitAnnexB(accessUnit)) {
    const fits = unit.length <= maxPayloadBytes;
    if (mode === 0) {
      if (!fits) return undefined;
      payloads.push(unit);
    } else if (fits && small.has((unit[0] ?? 0) & 31)) {
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

/** One unit as it is, several as STAP-A. */
function aggregate(units: readonly Uint8Array[]): Uint8Array {
  const [only] = units;
  if (only !== undefined && units.length === 1) return only;
  const reference = Math.max(...units.map((unit) => (unit[0] ?? 0) & 0x60));
  const length = units.reduce((sum, unit) => sum + 2 + unit.length, 1);
  const payload = new Uint8Array(length);
  payload[0] = reference | nalType.stapA;
  let at = 1;
  for (const unit of units) {
    payload[at] = unit.length >> 8;
    payload[at + 1] = unit.length;
    payload.set(unit, at + 2);
    at += 2 + unit.length;
  }
  return payload;
}

function fragments(unit: Uint8Array, maxPayloadBytes: number): readonly Uint8Array[] {
  const header = unit[0] ?? 0;
  const parts = splitEvenly(unit.subarray(1), maxPayloadBytes - fuBytes);
  return parts.map((part, index) => {
    const place = (index === 0 ? 0x80 : 0) | (index === parts.length - 1 ? 0x40 : 0);
    return withHead([(header & 0x60) | nalType.fuA, place | (header & 31)], part);
  });
}
