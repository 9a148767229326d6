// Owns RTP payloads from G.711 bytes (RFC 3551 §4.5.14): one byte is one tick of the 8 kHz clock.
import { splitEvenly, type AudioPayload } from './rtp-payload.ts';

/** Payloads of at most `maxPayloadBytes` for encoded sound, in a row; 20 ms are 160 bytes. */
export function packetizeG711(
  sound: Uint8Array,
  afterSilence: boolean,
  maxPayloadBytes: number,
): readonly AudioPayload[] {
  let timestampOffset = 0;
  return splitEvenly(sound, maxPayloadBytes).map((payload) => {
    const marker = afterSilence && timestampOffset === 0;
    const made = { payload, marker, timestampOffset };
    timestampOffset += payload.length;
    return made;
  });
}
