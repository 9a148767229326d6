import { describe, expect, it } from 'vitest';
import { seededRandom } from '../rtp/made-packets.ts';
import { madeFrame, MadeSender } from './made-streams.ts';
import type { MediaPacket } from './media-packet.ts';
import type { VideoFrame } from './video-depacketizer.ts';
import type { DecodedCodec } from './video-depacketizers.ts';
import { VideoJitterBuffer } from './video-jitter-buffer.ts';

const codecs: readonly DecodedCodec[] = ['vp8', 'vp9', 'h264'];

/** A buffer, a sender, and frames sent so far. */
function scene(codec: DecodedCodec, options: { maxPackets?: number; maxBytes?: number } = {}) {
  const random = seededRandom(5);
  const sender = new MadeSender(codec);
  const buffer = new VideoJitterBuffer({ codec, ...options });
  return {
    sender,
    buffer,
    random,
    frame(key = false, bytes = 700): readonly MediaPacket[] {
      return sender.send(madeFrame(codec, key, bytes, random), key);
    },
    put(packets: readonly MediaPacket[], nowMs: number): void {
      for (const packet of packets) buffer.insert(packet, nowMs);
    },
    all(nowMs: number): VideoFrame[] {
      const frames: VideoFrame[] = [];
      for (let frame = buffer.pop(nowMs); frame !== undefined; frame = buffer.pop(nowMs)) frames.push(frame);
      return frames;
    },
  };
}

describe.each(codecs)('a jitter buffer for %s', (codec) => {
  it('gives every frame as soon as it is whole, over both wraps', () => {
    const { frame, put, all, buffer } = scene(codec);
    // 16-bit numbers wrap after the 8th packet, timestamps after the 2nd frame.
    for (let at = 0; at < 10; at++) {
      const packets = frame(at === 0);
      put(packets.slice(0, -1), at * 33);
      expect(all(at * 33)).toEqual([]);
      put(packets.slice(-1), at * 33 + 5);
      expect(all(at * 33 + 5)).toMatchObject([{ timestamp: packets[0]?.timestamp, keyFrame: at === 0 }]);
    }
    expect(buffer.takeKeyFrameRequest(1000)).toBe(false);
    expect(buffer.packets).toBe(0);
    expect(buffer.bytes).toBe(0);
    expect(buffer.stats).toMatchObject({ frames: 10, keyFrames: 1, late: 0, breaks: 0 });
  });

  it('waits for a packet that is sent again, and gives all frames in order', () => {
    const { frame, put, all, buffer } = scene(codec);
    put(frame(true), 0);
    expect(all(0)).toHaveLength(1);
    const torn = frame();
    const next = frame();
    put([...torn.slice(0, 1), ...torn.slice(2), ...next], 33);
    expect(all(33)).toEqual([]);
    expect(all(60)).toEqual([]);
    expect(buffer.takeKeyFrameRequest(60)).toBe(false);
    put(torn.slice(1, 2), 70);
    expect(all(70).map(({ timestamp }) => timestamp)).toEqual([torn[0]?.timestamp, next[0]?.timestamp]);
    expect(buffer.stats.breaks).toBe(0);
  });

  it('gives a frame whose gap closed all the time its rest takes', () => {
    const { frame, put, all, buffer } = scene(codec);
    put(frame(true), 0);
    all(0);
    const slow = frame();
    put([...slow.slice(0, 1), ...slow.slice(2, 3)], 33);
    expect(all(33)).toEqual([]);
    expect(buffer.wakeMs).toBeDefined();
    put(slow.slice(1, 2), 50);
    expect(all(50)).toEqual([]);
    expect(buffer.wakeMs).toBeUndefined();
    expect(all(2000)).toEqual([]);
    expect(buffer.takeKeyFrameRequest(2000)).toBe(false);
    put(slow.slice(3), 2001);
    expect(all(2001)).toHaveLength(1);
  });

  it('gives up after its wait, asks once, repeats, and goes on at the key frame', () => {
    const { frame, put, all, buffer, sender } = scene(codec);
    put(frame(true), 0);
    expect(all(0)).toHaveLength(1);
    const torn = frame();
    put([...torn.slice(0, 1), ...torn.slice(2), ...frame()], 33);
    expect(all(33)).toEqual([]);
    const wakeMs = buffer.wakeMs ?? 0;
    expect(wakeMs).toBeGreaterThan(33 + 39);
    expect(wakeMs).toBeLessThanOrEqual(33 + 400);
    expect(all(wakeMs - 1)).toEqual([]);
    expect(buffer.takeKeyFrameRequest(wakeMs - 1)).toBe(false);
    expect(all(wakeMs)).toEqual([]);
    expect(buffer.takeKeyFrameRequest(wakeMs)).toBe(true);
    expect(buffer.takeKeyFrameRequest(wakeMs + 400)).toBe(false);
    expect(buffer.wakeMs).toBe(wakeMs + 500);
    expect(buffer.takeKeyFrameRequest(wakeMs + 500)).toBe(true);
    put(frame(), wakeMs + 510);
    expect(all(wakeMs + 510)).toEqual([]);
    const { timestamp } = sender;
    put(frame(true), wakeMs + 540);
    expect(all(wakeMs + 540)).toMatchObject([{ timestamp, keyFrame: true }]);
    expect(buffer.takeKeyFrameRequest(wakeMs + 2000)).toBe(false);
    put(frame(), wakeMs + 570);
    expect(all(wakeMs + 570)).toHaveLength(1);
    expect(buffer.stats).toMatchObject({ frames: 3, keyFrames: 2, breaks: 1, keyFrameRequests: 2 });
    expect(buffer.packets).toBe(0);
  });

  it('goes on without a key frame when the gap closes after it was given up', () => {
    const { frame, put, all, buffer } = scene(codec);
    put(frame(true), 0);
    all(0);
    const torn = frame();
    put([...torn.slice(1), ...frame()], 33);
    all(33);
    expect(all(500)).toEqual([]);
    expect(buffer.takeKeyFrameRequest(500)).toBe(true);
    put(torn.slice(0, 1), 520);
    expect(all(520)).toHaveLength(2);
    expect(buffer.takeKeyFrameRequest(3000)).toBe(false);
  });

  it('does not go on with pictures of long ago', () => {
    const { frame, put, all } = scene(codec);
    put(frame(true), 0);
    all(0);
    const torn = frame();
    put(torn.slice(1), 33);
    all(33);
    all(500);
    all(1600);
    put(torn.slice(0, 1), 1700);
    expect(all(1700)).toEqual([]);
  });

  it('skips to a whole key frame without waiting long for what is before it', () => {
    const { frame, put, all, buffer } = scene(codec);
    put(frame(true), 0);
    all(0);
    put(frame().slice(1), 33);
    const key = frame(true);
    put(key, 66);
    expect(all(66)).toMatchObject([{ timestamp: key[0]?.timestamp, keyFrame: true }]);
    expect(buffer.takeKeyFrameRequest(66)).toBe(false);
  });

  it('begins at a key frame whose packets changed places, without asking', () => {
    const { frame, put, all, buffer } = scene(codec);
    const key = frame(true);
    put([...key].reverse(), 0);
    expect(all(0)).toMatchObject([{ keyFrame: true }]);
    expect(buffer.takeKeyFrameRequest(100)).toBe(false);
  });

  it('asks when it begins within a group of pictures', () => {
    const { frame, put, all, buffer } = scene(codec);
    put(frame(), 0);
    expect(all(0)).toEqual([]);
    expect(buffer.takeKeyFrameRequest(0)).toBe(false);
    expect(buffer.takeKeyFrameRequest(20)).toBe(true);
    expect(buffer.takeKeyFrameRequest(21)).toBe(false);
  });

  it('gives the key frame asked for its time to arrive', () => {
    const { frame, put, all, buffer } = scene(codec);
    put(frame(), 0);
    expect(buffer.takeKeyFrameRequest(20)).toBe(true);
    const key = frame(true);
    put(key.slice(0, -1), 510);
    expect(all(510)).toEqual([]);
    expect(buffer.takeKeyFrameRequest(520)).toBe(false);
    expect(buffer.wakeMs).toBeCloseTo(510 + buffer.waitMs);
    expect(buffer.takeKeyFrameRequest(buffer.wakeMs ?? 0)).toBe(true);
  });

  it('passes over padding, doubles and late packets', () => {
    const { frame, put, all, buffer, sender } = scene(codec);
    const key = frame(true);
    put([sender.padding(), sender.padding()], 1);
    put(key, 2);
    expect(all(2)).toHaveLength(1);
    const packets = frame();
    put([...packets, ...packets, ...key], 33);
    expect(all(33)).toHaveLength(1);
    expect(buffer.stats).toMatchObject({ duplicates: packets.length, late: key.length });
    put([sender.padding()], 40);
    put(frame(), 66);
    expect(all(66)).toHaveLength(1);
    expect(buffer.packets).toBe(0);
  });

  it('begins anew with another SSRC, and when the sender starts over', () => {
    const { frame, put, all, sender, buffer } = scene(codec);
    put(frame(true), 0);
    expect(all(0)).toHaveLength(1);
    put(frame().slice(1), 33);
    const other = new MadeSender(codec, { ssrc: 8, sequence: 3, timestamp: 77 });
    put(other.send(madeFrame(codec, true, 500, seededRandom(1)), true), 40);
    expect(all(40)).toMatchObject([{ timestamp: 77 }]);
    other.sequence = 30_000;
    other.timestamp = 5;
    put(other.send(madeFrame(codec, false, 500, seededRandom(1)), false), 60);
    expect(all(60)).toEqual([]);
    expect(buffer.takeKeyFrameRequest(80)).toBe(true);
    put(other.send(madeFrame(codec, true, 500, seededRandom(1)), true), 90);
    expect(all(90)).toHaveLength(1);
    expect(sender.ssrc).toBe(7);
  });

  it('gives no frame that is malformed, nor what follows it', () => {
    const { frame, put, all, buffer } = scene(codec);
    put(frame(true), 0);
    all(0);
    const [first, ...rest] = frame();
    expect(first).toBeDefined();
    if (first === undefined) return;
    put([{ ...first, payload: Uint8Array.of(0xff) }, ...rest, ...frame()], 33);
    expect(all(33)).toEqual([]);
    expect(buffer.takeKeyFrameRequest(33)).toBe(true);
    put(frame(true), 66);
    expect(all(66)).toMatchObject([{ keyFrame: true }]);
  });

  it('a decoder that fails gets a key frame next', () => {
    const { frame, put, all, buffer } = scene(codec);
    put(frame(true), 0);
    all(0);
    buffer.needKeyFrame(10);
    expect(buffer.takeKeyFrameRequest(10)).toBe(true);
    put(frame(), 33);
    expect(all(33)).toEqual([]);
    put(frame(true), 66);
    expect(all(66)).toMatchObject([{ keyFrame: true }]);
  });

  it.each([{ maxPackets: 50 }, { maxBytes: 8000 }])('holds no more than %j', (bounds) => {
    const { frame, put, all, buffer } = scene(codec, bounds);
    put(frame(true), 0);
    all(0);
    frame();
    for (let at = 1; at < 40; at++) {
      put(frame(), 34);
      expect(all(34)).toEqual([]);
      expect(buffer.packets).toBeLessThanOrEqual(50);
      expect(buffer.bytes).toBeLessThanOrEqual(10_000);
    }
    // What was let go cannot be waited for.
    expect(buffer.takeKeyFrameRequest(34)).toBe(true);
    put(frame(true), 410);
    expect(all(410)).toHaveLength(1);
  });

  it.each([1, 2, 3])('never gives garbage through loss, reordering and doubles (seed %i)', (seed) => {
    const random = seededRandom(seed);
    const sender = new MadeSender(codec, { sequence: 0xff00, timestamp: 0xfff00000 });
    const buffer = new VideoJitterBuffer({ codec });
    const sent = new Map<number, { data: Uint8Array; key: boolean; at: number }>();
    const arriving: { atMs: number; packet: MediaPacket }[] = [];
    let keyAt = 0;
    let last = -1;
    let given = 0;
    for (let at = 0; at < 300; at++) {
      const nowMs = at * 33;
      const key = at === keyAt;
      const data = madeFrame(codec, key, 50 + random() * 1200, random);
      sent.set(sender.timestamp, { data, key, at });
      for (const packet of sender.send(data, key)) {
        const lost = random() < 0.03;
        // Half of what is lost is sent again; what is sent again is not always in time.
        if (!lost || random() < 0.5)
          arriving.push({ atMs: nowMs + random() * 30 + (lost ? 300 * random() : 0), packet });
        if (random() < 0.02) arriving.push({ atMs: nowMs + random() * 200, packet });
      }
      arriving.sort((a, b) => a.atMs - b.atMs);
      for (let first = arriving[0]; first !== undefined && first.atMs <= nowMs + 33; first = arriving[0]) {
        arriving.shift();
        buffer.insert(first.packet, first.atMs);
        for (let frame = buffer.pop(first.atMs); frame !== undefined; frame = buffer.pop(first.atMs)) {
          const original = sent.get(frame.timestamp);
          expect(Buffer.compare(frame.data, original?.data ?? frame.data.subarray(1))).toBe(0);
          expect(frame.keyFrame).toBe(original?.key);
          const index = original?.at ?? -1;
          // In decoding order; after a gap only a key frame.
          expect(frame.keyFrame ? index > last : index === last + 1).toBe(true);
          last = index;
          given++;
        }
        if (buffer.takeKeyFrameRequest(first.atMs)) keyAt = at + 3;
      }
      expect(buffer.packets).toBeLessThan(600);
    }
    expect(given).toBeGreaterThan(75);
    expect(last).toBeGreaterThan(260);
  });
});

describe('a jitter buffer for H.264 whose parameter sets are not in the stream', () => {
  const idr = (at: Partial<MediaPacket>): MediaPacket => ({
    ssrc: 1,
    sequence: 11,
    timestamp: 3000,
    marker: true,
    payload: Uint8Array.of(0x65, 0x88, 1),
    ...at,
  });
  const slice = idr({ sequence: 10, timestamp: 0, payload: Uint8Array.of(0x41, 0x9a, 1) });

  it.each<[string, MediaPacket[], number]>([
    ['begins at an IDR picture after the end of another', [slice, idr({})], 1],
    ['begins at one after a picture without marker', [{ ...slice, marker: false }, idr({})], 1],
    [
      'begins at one after a packet of its own timestamp that ended',
      [{ ...slice, timestamp: 3000 }, idr({})],
      1,
    ],
    ['does not begin where its start may be missing', [idr({})], 0],
    ['does not begin at a later slice', [slice, idr({ sequence: 12 })], 0],
  ])('%s', (_name, packets, count) => {
    const buffer = new VideoJitterBuffer({ codec: 'h264' });
    for (const packet of packets) buffer.insert(packet, 0);
    const frames = [buffer.pop(30), buffer.pop(30)].filter((frame) => frame !== undefined);
    expect(frames).toHaveLength(count);
    expect(frames.every(({ keyFrame, timestamp }) => keyFrame && timestamp === 3000)).toBe(true);
  });
});
