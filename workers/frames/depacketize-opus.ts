// Owns Opus packets from RTP payloads (RFC 7587 §4.2): the payload is the packet.
import type { AudioDepacketizer } from './audio-frame.ts';
import { readOpusPacket } from './opus-packet.ts';

export const opusDepacketizer: AudioDepacketizer = {
  clockRate: 48_000,
  depacketize({ payload, sequence, timestamp }) {
    const opus = readOpusPacket(payload);
    if (opus === undefined) return undefined;
    const { durationTicks, hasFec, dtx } = opus;
    return { data: payload, sequence, timestamp, durationTicks, hasFec, dtx };
  },
};
