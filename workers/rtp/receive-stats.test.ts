import { describe, expect, it } from 'vitest';
import { ReceiveStats } from './receive-stats.ts';

function received(sequences: readonly number[]): ReceiveStats {
  const stats = new ReceiveStats(7, 90_000);
  sequences.forEach((sequence, index) => stats.received(sequence, index * 3000, index * (100 / 3), 100));
  return stats;
}

describe('ReceiveStats', () => {
  it.each<[string, number[], { packetsLost: number; fractionLost: number; highestSequence: number }]>([
    ['nothing lost', [1, 2, 3, 4], { packetsLost: 0, fractionLost: 0, highestSequence: 4 }],
    ['one of four lost', [1, 2, 4], { packetsLost: 1, fractionLost: 64, highestSequence: 4 }],
    ['late is not lost', [1, 3, 2, 4], { packetsLost: 0, fractionLost: 0, highestSequence: 4 }],
    [
      'a duplicate counts as received',
      [1, 2, 2, 3],
      { packetsLost: -1, fractionLost: 0, highestSequence: 3 },
    ],
    ['over a wrap', [0xfffe, 0xffff, 1], { packetsLost: 1, fractionLost: 64, highestSequence: 0x10001 }],
    ['a foreign packet', [1, 40000, 2], { packetsLost: 0, fractionLost: 0, highestSequence: 2 }],
    [
      'a sender that starts over',
      [30000, 30005, 9, 10, 11],
      { packetsLost: 0, fractionLost: 0, highestSequence: 0x1000b },
    ],
  ])('%s', (_name, sequences, expected) => {
    expect(received(sequences).report(0)).toMatchObject({ ssrc: 7, ...expected });
  });

  it('reports the fraction of each interval, the loss of all time', () => {
    const stats = received([1, 3]);
    expect(stats.report(0)).toMatchObject({ fractionLost: 85, packetsLost: 1 });
    expect(stats.fractionLost).toBeCloseTo(1 / 3, 2);
    stats.received(4, 0, 0, 100);
    expect(stats.report(0)).toMatchObject({ fractionLost: 0, packetsLost: 1 });
    expect(stats.report(0)).toMatchObject({ fractionLost: 0, packetsLost: 1 });
    expect(stats.packetsLost).toBe(1);
  });

  it('has no report before the first packet', () => {
    expect(new ReceiveStats(1, 48_000).report(0)).toBeUndefined();
  });

  it('refers to the last sender report and the time since', () => {
    const stats = received([1]);
    expect(stats.report(100)).toMatchObject({ lastSr: 0, delaySinceLastSr: 0 });
    stats.senderReport(0x1234abcd, 0xef015678, 1000);
    expect(stats.report(1500)).toMatchObject({ lastSr: 0xabcdef01, delaySinceLastSr: 32768 });
  });

  it('sees no jitter in an even stream, over a wrap of the timestamp', () => {
    const stats = new ReceiveStats(1, 90_000);
    for (let index = 0; index < 100; index++) {
      stats.received(index, (0xffffff00 + index * 900) >>> 0, 5000 + index * 10, 100);
    }
    expect(stats.jitterMs).toBeCloseTo(0, 6);
  });

  it('converges to the jitter of an uneven stream', () => {
    const stats = new ReceiveStats(1, 48_000);
    // Every second packet is 4 ms late: each step differs by 4 ms.
    for (let index = 0; index < 500; index++) {
      stats.received(index, index * 960, index * 20 + (index % 2) * 4, 100);
    }
    expect(stats.jitterMs).toBeCloseTo(4, 1);
    expect(stats.report(0)?.jitter).toBe(192);
  });

  it('takes no jitter from the packets of one frame', () => {
    const stats = new ReceiveStats(1, 90_000);
    let sequence = 0;
    for (let frame = 0; frame < 50; frame++) {
      for (let part = 0; part < 5; part++)
        stats.received(sequence++, frame * 3000, frame * (100 / 3) + part, 1);
    }
    expect(stats.jitterMs).toBeCloseTo(0, 6);
  });
});
