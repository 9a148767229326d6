// Owns which packetizer an output has. Payloads leave room for headers of every kind below 1200 bytes.
import type { VideoFormat } from '../../schemas/media.ts';
import { packetizeAv1 } from '../frames/packetize-av1.ts';
import { packetizeH264 } from '../frames/packetize-h264.ts';
import { packetizeH265 } from '../frames/packetize-h265.ts';
import { Vp8Packetizer } from '../frames/packetize-vp8.ts';
import { Vp9Packetizer } from '../frames/packetize-vp9.ts';
import type { RtpPayload } from '../frames/rtp-payload.ts';

const maxPayloadBytes = 1100;

export type Packetize = (unit: Uint8Array, key: boolean) => readonly RtpPayload[];

/** `seed`: any whole number, from which picture ids begin. */
export function packetizeFor({ codec }: VideoFormat, seed: number): Packetize {
  switch (codec) {
    case 'vp8': {
      const vp8 = new Vp8Packetizer(seed, seed);
      return (unit) => vp8.packetize(unit, maxPayloadBytes);
    }
    case 'vp9': {
      const vp9 = new Vp9Packetizer(seed, seed);
      return (unit, key) => vp9.packetize(unit, key, maxPayloadBytes);
    }
    case 'h264':
      return (unit) => packetizeH264(unit, 1, maxPayloadBytes) ?? [];
    case 'h265':
      return (unit) => packetizeH265(unit, maxPayloadBytes);
    case 'av1':
      return (unit) => packetizeAv1(unit, maxPayloadBytes);
  }
}
