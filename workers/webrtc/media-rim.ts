// Owns what all peers of one process share at the edge to the outside: time, chance, buffers, addresses.
import { randomBytes } from 'node:crypto';
import { Scratch } from '../rtp/scratch.ts';
import { ArrivalSamples } from '../rtp/twcc-sender.ts';
import type { Clock, Log } from '../clock.ts';
import type { OwnCertificate } from './own-certificate.ts';

export interface MediaRim {
  readonly clock: Clock;
  readonly log: Log;
  readonly udpPort: number;
  readonly bindAddress: string | undefined;
  readonly announcedAddresses: readonly string[];
  /** What clients are shown; absent: every connection has one of its own. */
  readonly certificate?: OwnCertificate;
  /** Without a packet for this long where some must come, a transport has failed. */
  readonly silenceMs: number;
  /** Where outgoing RTP packets are written, one after the other. */
  readonly scratch: Scratch<Buffer>;
  /** Filled by the transport-cc feedback being digested. */
  readonly arrivalSamples: ArrivalSamples;
  /** Milliseconds since 1970 with fractions; never goes back, unlike the wall clock. */
  nowMs(): number;
  /** Never 0. */
  random32(): number;
}

const scratchBytes = 2048;

export function createMediaRim(
  options: Omit<MediaRim, 'scratch' | 'arrivalSamples' | 'nowMs' | 'random32'>,
): MediaRim {
  return {
    ...options,
    scratch: new Scratch<Buffer>(Buffer.alloc(scratchBytes), (bytes, length) => bytes.subarray(0, length)),
    arrivalSamples: new ArrivalSamples(),
    nowMs: () => performance.timeOrigin + performance.now(),
    random32: () => (randomBytes(4).readUInt32BE() || 1) >>> 0,
  };
}
