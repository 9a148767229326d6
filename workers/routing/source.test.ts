import { beforeEach, describe, expect, it } from 'vitest';
import { Source, type PacketSink } from './source.ts';
import { receive, testPayload } from '../webrtc/testing/test-media.ts';
import { vp8Payload } from '../webrtc/testing/test-packets.ts';

describe('a video source', () => {
  let source: Source;
  let plis: number[];
  let nacks: number[][];
  let sizes: number;
  let nowMs: number;

  beforeEach(() => {
    plis = [];
    nacks = [];
    sizes = 0;
    nowMs = 1_000_000;
    source = new Source({
      track: 't',
      kind: 'video',
      rid: undefined,
      payload: testPayload(96, 'vp8'),
      redType: undefined,
      feedback: {
        nack: (_, sequences) => nacks.push([...sequences]),
        pli: () => plis.push(nowMs - 1_000_000),
      },
      resized: () => sizes++,
    });
    source.bind(1000);
  });

  const packet = (sequence: number, key = false, width = 640): void => {
    const timestamp = sequence * 3000;
    const payload = vp8Payload(key, sequence, width);
    receive(source, { type: 96, ssrc: 1000, sequence, timestamp, payload }, nowMs);
  };
  const sink = (awaits: boolean): PacketSink & { forwarded: number; refreshed: number } => ({
    forwarded: 0,
    refreshed: 0,
    forward() {
      this.forwarded++;
    },
    awaits: () => awaits,
    refresh() {
      this.refreshed++;
    },
    ended: () => undefined,
  });
  /** Packets and ticks every 25 ms for `ms`. */
  const pass = (ms: number, flowing = true): void => {
    for (const end = nowMs + ms; nowMs < end; nowMs += 25) {
      if (flowing) packet(((nowMs - 1_000_000) / 25) & 0xffff);
      source.tick(nowMs);
    }
  };

  it('repeats the request for a key frame every 400 ms while a sink waits', () => {
    source.add(sink(true));
    pass(1300);
    expect(plis).toEqual([0, 400, 800, 1200]);
  });

  it('throttles requests and stops with the key frame', () => {
    packet(0);
    source.requestKeyFrame(nowMs);
    nowMs += 100;
    source.requestKeyFrame(nowMs);
    expect(plis).toEqual([0]);
    packet(1, true);
    pass(1000);
    expect(plis).toEqual([0]);
  });

  it('does not ask a sender that sends nothing', () => {
    packet(0);
    source.add(sink(true));
    nowMs += 5000;
    pass(2000, false);
    expect(plis).toEqual([]);
  });

  it('asks for lost packets and gives up with a key frame', () => {
    packet(0);
    packet(3);
    nowMs += 20;
    source.tick(nowMs);
    expect(nacks).toEqual([[1, 2]]);
    nowMs += 1100;
    source.tick(nowMs);
    expect(plis).toHaveLength(1);
  });

  it('tells each picture size once', () => {
    packet(0, true);
    packet(1, true);
    packet(2, true, 320);
    expect(sizes).toBe(2);
    expect(source.resolution).toEqual({ width: 320, height: 480 });
  });

  it('receives and forwards nothing while paused', () => {
    const watcher = sink(false);
    source.add(watcher);
    packet(0, true);
    source.setPaused(true);
    packet(1, true);
    expect(watcher).toMatchObject({ forwarded: 1, refreshed: 1 });
    expect(source.counters()).toMatchObject({ packets: 2, keyFrames: 2 });
  });

  it('begins anew when its sender comes back under another SSRC', () => {
    const watcher = sink(false);
    source.add(watcher);
    packet(5000, true);
    const before = source.history;
    source.bind(2000);
    expect(source.history).not.toBe(before);
    expect(watcher.refreshed).toBe(1);
    packet(1, true);
    expect(watcher.forwarded).toBe(2);
  });

  it('drops packets of a payload type that was not negotiated', () => {
    receive(source, { type: 98, ssrc: 1000, sequence: 1, timestamp: 0, payload: vp8Payload(true) }, nowMs);
    expect(source.counters().packets).toBe(0);
  });
});
