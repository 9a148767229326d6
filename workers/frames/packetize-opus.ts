// Owns RTP payloads from Opus packets (RFC 7587 §4.2).
import { readOpusPacket } from './opus-packet.ts';
import type { AudioPayload } from './rtp-payload.ts';

/** The one payload for an encoded packet; none when it is not Opus or longer than `maxPayloadBytes`. */
export function packetizeOpus(
  packet: Uint8Array,
  afterSilence: boolean,
  maxPayloadBytes: number,
): readonly AudioPayload[] {
  if (packet.length > maxPayloadBytes || readOpusPacket(packet) === undefined) return [];
  return [{ payload: packet, marker: afterSilence, timestampOffset: 0 }];
}
