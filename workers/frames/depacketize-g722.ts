// Owns G.722 sound from RTP payloads (RFC 3551 §4.5.2): one byte is two samples at 16 kHz, yet the RTP clock runs at 8 kHz.
import type { AudioDepacketizer } from './audio-frame.ts';

/** 200 ms: longer ones are no telephony. */
const maxBytes = 1600;

export const g722Depacketizer: AudioDepacketizer = {
  clockRate: 8000,
  depacketize({ payload, sequence, timestamp }) {
    const durationTicks = payload.length;
    if (durationTicks === 0 || durationTicks > maxBytes) return undefined;
    return { data: payload, sequence, timestamp, durationTicks, hasFec: false, dtx: false };
  },
};
