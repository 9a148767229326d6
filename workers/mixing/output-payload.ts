// Owns the RTP payloads of what mixers make, in the words in which browsers negotiate the same formats.
import type { Format } from '../../schemas/worker.ts';
import type { Payload } from '../routing/payload.ts';

const parametersOf = (fmtp: string): ReadonlyMap<string, string> =>
  new Map(
    fmtp
      .split(';')
      .filter((part) => part !== '')
      .map((part) => {
        const [name = '', value = ''] = part.split('=');
        return [name, value];
      }),
  );

const payload = (type: number, map: string, fmtp = ''): Payload => {
  const [name = '', clockRate = '', channels] = map.split('/');
  return {
    type,
    name: name.toLowerCase(),
    clockRate: Number(clockRate),
    channels: channels === undefined ? undefined : Number(channels),
    map,
    fmtp,
    parameters: parametersOf(fmtp),
    feedback: [],
  };
};

/** Our encoder makes Constrained Baseline in whatever profile's name it is asked for; every H.264 decoder takes that. */
const h264 = payload(
  102,
  'H264/90000',
  'level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f',
);

const payloads: Readonly<Partial<Record<Format['codec'], Payload>>> = {
  vp8: payload(96, 'VP8/90000'),
  vp9: payload(98, 'VP9/90000', 'profile-id=0'),
  h264,
  h265: payload(104, 'H265/90000', 'level-id=93;profile-id=1;tier-flag=0;tx-mode=SRST'),
  av1: payload(106, 'AV1/90000', 'level-idx=5;profile=0;tier=0'),
  opus: payload(111, 'opus/48000/2', 'minptime=10;useinbandfec=1'),
  pcmu: payload(0, 'PCMU/8000'),
  pcma: payload(8, 'PCMA/8000'),
  // RFC 3551 §4.5.2: 8000 although its samples are at 16 kHz.
  g722: payload(9, 'G722/8000'),
};

/** Undefined for a format that no mixer makes. */
export function outputPayload(format: Format): Payload | undefined {
  return payloads[format.codec];
}
