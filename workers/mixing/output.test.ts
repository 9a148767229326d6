import { beforeEach, describe, expect, it } from 'vitest';
import { ManualClock } from '../agent/testing/manual-clock.ts';
import type { StoredPacket } from '../rtp/history.ts';
import type { PacketSink, Source } from '../routing/source.ts';
import { headRoomBytes, type PackedFrame } from './messages.ts';
import { outputPayload } from './output-payload.ts';
import { Output } from './output.ts';

describe('an output', () => {
  let clock: ManualClock;
  let output: Output;
  let keyFrames: number[];
  let seen: { readonly sequence: number; readonly timestamp: number; readonly atMs: number }[];
  let refreshed: number;
  let waits: boolean;

  beforeEach(() => {
    clock = new ManualClock();
    keyFrames = [];
    seen = [];
    refreshed = 0;
    waits = false;
    const payload = outputPayload({ codec: 'vp8' });
    if (!payload) throw new Error('no payload');
    output = new Output({
      track: 'out',
      kind: 'video',
      payload,
      ssrc: 5,
      firstSequence: 0xfffe,
      keyFrame: () => keyFrames.push(clock.now()),
      nowMs: () => clock.now(),
      after: (ms, callback) => clock.after(ms, callback),
    });
    const sink: PacketSink = {
      forward: (_: Source, { sequence, timestamp }: StoredPacket) => {
        seen.push({ sequence, timestamp, atMs: clock.now() });
      },
      awaits: () => waits,
      refresh: () => refreshed++,
      ended: () => undefined,
    };
    output.source.add(sink);
  });

  const frame = (packets: number, timestamp = 3000): PackedFrame => ({
    output: 'out',
    bytes: new ArrayBuffer(packets * (headRoomBytes + 10)),
    lengths: Array.from({ length: packets }, () => 10),
    atMs: clock.now(),
    timestamp,
    marker: true,
    key: false,
  });

  it('numbers its packets without a gap', () => {
    output.take(frame(3), 0);
    output.take(frame(1, 6000), 0);
    expect(seen.map(({ sequence }) => sequence)).toEqual([0xffff, 0, 1, 2]);
    expect(seen.map(({ timestamp }) => timestamp)).toEqual([3000, 3000, 3000, 6000]);
  });

  it('sends a large frame in parts, and what follows behind it', async () => {
    output.take(frame(30), 0);
    expect(seen).toHaveLength(12);
    output.take(frame(2, 6000), 0);
    expect(seen).toHaveLength(12);
    await clock.advance(10);
    expect(seen).toHaveLength(32);
    expect(seen.map(({ sequence }) => sequence)).toEqual(
      Array.from({ length: 32 }, (_, index) => (0xffff + index) & 0xffff),
    );
    const span = (seen.at(-1)?.atMs ?? 0) - (seen[0]?.atMs ?? 0);
    expect(span).toBeLessThanOrEqual(10);
  });

  it('lets nothing pile up', () => {
    for (let count = 0; count < 60; count++) output.take(frame(20), 0);
    expect(seen.length).toBeGreaterThan(600);
  });

  it('goes on as another stream with another encoder, and says at once when that was', () => {
    output.take(frame(1), 0);
    output.renew(6);
    expect(refreshed).toBe(1);
    expect(output.source.heard).toBeUndefined();
    output.take(frame(1, 9000), 0);
    expect(output.source.heard?.report).toMatchObject({ ssrc: 6, rtpTimestamp: 9000 });
    expect(seen.map(({ sequence }) => sequence)).toEqual([0xffff, 0]);
  });

  it('reports about once a second', async () => {
    const reports = new Set();
    for (let count = 0; count < 50; count++) {
      output.take(frame(1, count * 4500), 0);
      reports.add(output.source.heard);
      await clock.advance(50);
    }
    expect(reports.size).toBe(3);
  });

  it('asks for a key frame at once for each subscriber that joins, while one waits again, and not in between', async () => {
    output.take(frame(1), 0);
    const began = clock.now();
    waits = true;
    for (let passed = 0; passed < 400; passed += 50) {
      output.source.requestKeyFrame(clock.now());
      output.tick(clock.now());
      await clock.advance(50);
    }
    expect(keyFrames.map((at) => at - began)).toEqual([0, 150, 300]);
  });
});
