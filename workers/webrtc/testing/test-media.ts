// Owns payloads, parsed packets and an outlet for unit tests of sources and sinks.
import { parseRtp, RtpHeader } from '../../rtp/packet.ts';
import { Scratch } from '../../rtp/scratch.ts';
import { TwccSender } from '../../rtp/twcc-sender.ts';
import type { Payload } from '../../routing/payload.ts';
import type { Outlet } from '../sink.ts';
import type { Source } from '../../routing/source.ts';
import { rtpPacket, type TestPacket } from './test-packets.ts';

export function testPayload(type: number, name: string, clockRate = 90_000, channels?: number): Payload {
  return {
    type,
    name,
    clockRate,
    channels,
    map: `${name}/${String(clockRate)}`,
    fmtp: '',
    parameters: new Map(),
    feedback: [],
  };
}

/** Gives a source one packet as its peer would. */
export function receive(source: Source, packet: TestPacket, nowMs: number): void {
  const bytes = rtpPacket(packet);
  const header = new RtpHeader();
  if (!parseRtp(bytes, header)) throw new Error('the test packet is broken');
  source.receive(bytes, header, nowMs, false);
}

/** An outlet that keeps what it is given, without transport-cc. */
export class TestOutlet implements Outlet {
  up = true;
  readonly transportCcId = 0;
  readonly transportCc = new TwccSender();
  readonly scratch = new Scratch<Buffer>(Buffer.alloc(2048), (bytes, length) => bytes.subarray(0, length));
  readonly packets: Buffer[] = [];

  send(packet: Buffer): boolean {
    this.packets.push(Buffer.from(packet));
    return true;
  }
}
