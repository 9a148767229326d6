// Owns G.711 sound (PCMU, PCMA) from RTP payloads (RFC 3551 §4.5.14): one byte is one sample at 8 kHz.
import type { AudioDepacketizer } from './audio-frame.ts';

/** 200 ms: longer ones are no telephony. */
const maxBytes = 1600;

export const g711Depacketizer: AudioDepacketizer = {
  clockRate: 8000,
  depacketize({ payload, sequence, timestamp }) {
    const durationTicks = payload.length;
    if (durationTicks === 0 || durationTicks > maxBytes) return undefined;
    return { data: payload, sequence, timestamp, durationTicks, hasFec: false, dtx: false };
  },
};
