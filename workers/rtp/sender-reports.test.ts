import { describe, expect, it } from 'vitest';
import { compactNtp } from './ntp.ts';
import type { SenderReport } from './rtcp.ts';
import { SendStats } from './send-stats.ts';
import { relaySenderReport } from './sr-relay.ts';

const report: SenderReport = {
  type: 'sender-report',
  ssrc: 1,
  ntpHigh: 0xffffffff,
  ntpLow: 0xc0000000,
  rtpTimestamp: 0xffffff00,
  packets: 10,
  octets: 1000,
  reports: [],
};
const sink = { ssrc: 0x99, timestampOffset: 0xfffffff0, packets: 5, octets: 500 };

describe('relaySenderReport', () => {
  it.each([
    ['at once', 0, 0xffffffff, 0xc0000000, 0xfffffef0],
    ['half a second later, over the end of the NTP era', 500, 0, 0x40000000, 45_000 - 0x110],
    ['2.25 s later', 2250, 2, 0, 202_500 - 0x110],
  ])('%s', (_name, afterMs, ntpHigh, ntpLow, rtpTimestamp) => {
    const heard = { report, receivedMs: 1000, clockRate: 90_000 };
    expect(relaySenderReport(heard, sink, 1000 + afterMs)).toEqual({
      type: 'sender-report',
      ssrc: 0x99,
      ntpHigh,
      ntpLow,
      rtpTimestamp,
      packets: 5,
      octets: 500,
      reports: [],
    });
  });
});

describe('SendStats', () => {
  const block = {
    ssrc: 1,
    fractionLost: 64,
    packetsLost: 12,
    highestSequence: 0,
    jitter: 90,
    lastSr: 0,
    delaySinceLastSr: 0,
  };

  it('counts what was sent', () => {
    const stats = new SendStats();
    stats.sent(100);
    stats.sent(50);
    expect([stats.packets, stats.octets]).toEqual([2, 150]);
  });

  it('finds the round trip through the report it refers to, whose clock need not be ours', () => {
    const stats = new SendStats();
    stats.senderReport(0x1234abcd, 0xef000000, 1000);
    stats.senderReport(0x1234abce, 0, 2000);
    // The receiver waited half a second.
    stats.receiverReport(
      { ...block, lastSr: compactNtp(0x1234abcd, 0xef000000), delaySinceLastSr: 32768 },
      1580,
    );
    expect(stats.rttMs).toBe(80);
    expect([stats.fractionLost, stats.packetsLost, stats.jitter]).toEqual([0.25, 12, 90]);
    stats.receiverReport({ ...block, lastSr: compactNtp(0x1234abce, 0), delaySinceLastSr: 0 }, 2000);
    expect(stats.rttMs).toBe(70);
  });

  it.each([
    ['no report yet', 0],
    ['an unknown report', 77],
  ])('learns no round trip from %s', (_name, lastSr) => {
    const stats = new SendStats();
    stats.receiverReport({ ...block, lastSr }, 5000);
    expect(stats.rttMs).toBe(-1);
    expect(stats.fractionLost).toBe(0.25);
  });

  it('never measures less than nothing', () => {
    const stats = new SendStats();
    stats.senderReport(1, 0, 1000);
    stats.receiverReport({ ...block, lastSr: 0x10000, delaySinceLastSr: 0xffffffff }, 1050);
    expect(stats.rttMs).toBe(0);
  });
});
