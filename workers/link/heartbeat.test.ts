import { describe, expect, it } from 'vitest';
import { parseRtcp, RtcpWriter, type SenderReport } from '../rtp/rtcp.ts';
import { Heartbeat } from './heartbeat.ts';

const report = (heartbeat: Heartbeat, nowMs: number): SenderReport => {
  const writer = new RtcpWriter();
  heartbeat.write(writer, nowMs);
  const [packet] = parseRtcp(writer.bytes);
  if (packet?.type !== 'sender-report') throw new Error('no sender report');
  return packet;
};

describe('the two heartbeats of a link', () => {
  const begin = 1_700_000_000_000;

  it('know the round trip once each has been answered, whatever the two clocks say', () => {
    const [a, b] = [new Heartbeat(1, 2), new Heartbeat(2, 1)];
    const apart = 3_600_000;
    b.heard(report(a, begin), begin + apart + 30);
    expect(b.rttMs).toBeUndefined();
    // It answers 400 ms after it was spoken to, and is heard 50 ms later.
    expect(a.heard(report(b, begin + apart + 430), begin + 480)).toBe(true);
    expect(a.rttMs).toBeCloseTo(80, 0);
    b.heard(report(a, begin + 500), begin + apart + 530);
    expect(b.rttMs).toBeCloseTo(80, 0);
  });

  it('leave the reports of media to others', () => {
    const a = new Heartbeat(1, 2);
    expect(a.heard(report(new Heartbeat(3, 1), begin), begin)).toBe(false);
    expect(report(a, begin).reports).toEqual([]);
  });
});
