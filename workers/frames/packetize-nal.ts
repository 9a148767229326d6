// Owns how the NAL units of an access unit share packets: small ones that follow each other in one, large ones in several
// (RFC 6184 §5.7, §5.8; RFC 7798 §4.4.2, §4.4.3). What heads and fragments look like is each codec's.
import type { RtpPayload } from './rtp-payload.ts';

export interface NalPacketization {
  /** What may share a packet: all that is not picture data. */
  readonly isSmall: (unit: Uint8Array) => boolean;
  /** Of the head of a packet that is shared. */
  readonly headBytes: number;
  /** The head of a packet that these share. */
  readonly headOf: (units: readonly Uint8Array[]) => readonly number[];
  /** The packets of one that does not fit. */
  readonly fragments: (unit: Uint8Array, maxPayloadBytes: number) => readonly Uint8Array[];
}

/** Payloads of at most `maxPayloadBytes`, in order, the last one marked. */
export function packetizeNal(
  units: readonly Uint8Array[],
  maxPayloadBytes: number,
  { isSmall, headBytes, headOf, fragments }: NalPacketization,
): readonly RtpPayload[] {
  const payloads: Uint8Array[] = [];
  let waiting: Uint8Array[] = [];
  let waitingBytes = headBytes;
  const flush = (): void => {
    const [only] = waiting;
    if (only !== undefined) payloads.push(waiting.length === 1 ? only : aggregate(headOf(waiting), waiting));
    waiting = [];
    waitingBytes = headBytes;
  };
  for (const unit of units) {
    const fits = unit.length <= maxPayloadBytes;
    if (fits && isSmall(unit)) {
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

/** Each behind its length. */
function aggregate(head: readonly number[], units: readonly Uint8Array[]): Uint8Array {
  const payload = new Uint8Array(units.reduce((sum, unit) => sum + 2 + unit.length, head.length));
  payload.set(head);
  let at = head.length;
  for (const unit of units) {
    payload[at] = unit.length >> 8;
    payload[at + 1] = unit.length & 0xff;
    payload.set(unit, at + 2);
    at += 2 + unit.length;
  }
  return payload;
}
