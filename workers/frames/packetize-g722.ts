// Owns RTP payloads from G.722 bytes (RFC 3551 §4.5.2): one byte is one tick of the 8 kHz RTP clock, two samples of sound.
import { packetizeG711 } from './packetize-g711.ts';

/** As for G.711, whose bytes are one tick of the same clock: 20 ms are 160 bytes. */
export const packetizeG722: typeof packetizeG711 = packetizeG711;
