import { describe, expect, it } from 'vitest';
import { sampleStats } from './stats.ts';

type Entry = Readonly<Record<string, unknown>> & { readonly id: string };

const report = (...entries: readonly Entry[]) => new Map(entries.map((entry) => [entry.id, entry]));

const inbound = (atMs: number, more: object): Entry => ({
  id: 'in',
  type: 'inbound-rtp',
  kind: 'video',
  mid: '3',
  ssrc: 7,
  timestamp: atMs,
  codecId: 'codec',
  ...more,
});
const codec = { id: 'codec', type: 'codec', mimeType: 'video/VP8' };
const path = [
  { id: 'transport', type: 'transport', selectedCandidatePairId: 'pair' },
  { id: 'pair', type: 'candidate-pair', currentRoundTripTime: 0.02 },
];

function second(before: readonly Entry[], after: readonly Entry[]) {
  const { memory } = sampleStats(report(...before), new Map());
  return sampleStats(report(...after), memory).rows;
}

describe('sampleStats', () => {
  it('turns what was received since the last look into rates', () => {
    const [row] = second(
      [
        inbound(1000, {
          bytesReceived: 1000,
          framesDecoded: 10,
          packetsReceived: 100,
          packetsLost: 0,
          jitterBufferDelay: 2,
          jitterBufferEmittedCount: 10,
        }),
        codec,
      ],
      [
        inbound(3000, {
          bytesReceived: 251_000,
          framesDecoded: 70,
          packetsReceived: 290,
          packetsLost: 10,
          frameWidth: 640,
          frameHeight: 360,
          freezeCount: 1,
          jitter: 0.004,
          jitterBufferDelay: 5,
          jitterBufferEmittedCount: 70,
          estimatedPlayoutTimestamp: 3_990_000_000_123,
        }),
        codec,
        ...path,
      ],
    );
    expect(row).toEqual({
      mid: '3',
      kind: 'video',
      direction: 'received',
      codec: 'VP8',
      width: 640,
      height: 360,
      freezes: 1,
      bufferMs: 50,
      playoutMs: 3_990_000_000_123,
      jitterMs: 4,
      roundTripMs: 20,
      bitrateBps: 1_000_000,
      framesPerSecond: 30,
      lossRatio: 0.05,
      totals: { bytes: 251_000, packets: 290, packetsLost: 10, frames: 70 },
    });
  });

  it('gives no rates at the first look', () => {
    const { rows } = sampleStats(report(inbound(1000, { bytesReceived: 5 })), new Map());
    expect(rows[0]).not.toHaveProperty('bitrateBps');
  });

  it('takes loss and round trip of what is sent from the other side’s report', () => {
    const outbound = (atMs: number, packetsSent: number): Entry => ({
      id: 'out',
      type: 'outbound-rtp',
      kind: 'audio',
      mid: '0',
      ssrc: 1,
      timestamp: atMs,
      bytesSent: packetsSent * 100,
      packetsSent,
      remoteId: 'remote',
      mediaSourceId: 'source',
    });
    const remote = (packetsLost: number) => ({
      id: 'remote',
      type: 'remote-inbound-rtp',
      packetsLost,
      roundTripTime: 0.08,
    });
    const source = (totalAudioEnergy: number, totalSamplesDuration: number) => ({
      id: 'source',
      type: 'media-source',
      totalAudioEnergy,
      totalSamplesDuration,
    });
    const [row] = second(
      [outbound(0, 0), remote(0), source(0, 0)],
      [outbound(1000, 50), remote(5), source(0.25, 1), ...path],
    );
    expect(row).toMatchObject({ direction: 'sent', lossRatio: 0.1, roundTripMs: 80, audioLevel: 0.5 });
  });

  it('starts anew when a stream was replaced by another on the same line', () => {
    const [row] = second(
      [inbound(1000, { bytesReceived: 9000 })],
      [inbound(2000, { bytesReceived: 10, ssrc: 8 })],
    );
    expect(row).not.toHaveProperty('bitrateBps');
  });

  it('never gives a negative rate or a loss above all', () => {
    const [row] = second(
      [inbound(1000, { bytesReceived: 9000, packetsReceived: 10, packetsLost: 5 })],
      [inbound(2000, { bytesReceived: 10, packetsReceived: 0, packetsLost: 9 })],
    );
    expect(row).toMatchObject({ bitrateBps: 0, lossRatio: 1 });
  });
});
