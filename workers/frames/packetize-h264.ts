// Owns RTP payloads from H.264 access units in Annex B form (RFC 6184 §5.6 to §5.8).
import { splitAnnexB } from './annex-b.ts';
import { nalType } from './h264-nal.ts';
import { packetizeNal } from './packetize-nal.ts';
import { splitEvenly, withHead, type RtpPayload } from './rtp-payload.ts';

/** As negotiated: 0 single NAL units only; 1 also STAP-A and FU-A. */
export type PacketizationMode = 0 | 1;

const fuBytes = 2;
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
  const units = splitAnnexB(accessUnit);
  if (mode === 0 && units.some(({ length }) => length > maxPayloadBytes)) return undefined;
  return packetizeNal(units, maxPayloadBytes, {
    isSmall: ([head = 0]) => mode === 1 && small.has(head & 31),
    headBytes: 1,
    headOf: (shared) => [Math.max(...shared.map(([head = 0]) => head & 0x60)) | nalType.stapA],
    fragments,
  });
}

function fragments(unit: Uint8Array, maxPayloadBytes: number): readonly Uint8Array[] {
  const header = unit[0] ?? 0;
  const parts = splitEvenly(unit.subarray(1), maxPayloadBytes - fuBytes);
  return parts.map((part, index) => {
    const place = (index === 0 ? 0x80 : 0) | (index === parts.length - 1 ? 0x40 : 0);
    return withHead([(header & 0x60) | nalType.fuA, place | (header & 31)], part);
  });
}
