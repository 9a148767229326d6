import { beforeEach, describe, expect, it } from 'vitest';
import { RtcpWriter, parseRtcp } from '../rtp/rtcp.ts';
import type { SubscribedTrack } from './negotiation.ts';
import { Sink } from './sink.ts';
import { Source } from '../routing/source.ts';
import { receive, testPayload, TestOutlet } from './testing/test-media.ts';
import { vp8Payload } from './testing/test-packets.ts';

const start = 1_000_000;
const opus = testPayload(111, 'opus', 48_000, 2);
const vp8 = testPayload(96, 'vp8');
const negotiated = (payload: typeof opus, redType?: number): SubscribedTrack => ({
  mid: '0',
  payloads: [payload],
  rtxTypes: new Map(payload.name === 'vp8' ? [[payload.type, 97]] : []),
  redType,
});
const newSource = (kind: 'audio' | 'video', payload: typeof opus, redType?: number): Source => {
  const source = new Source({
    track: 't',
    kind,
    rid: undefined,
    payload,
    redType,
    feedback: { nack: () => undefined, pli: () => undefined },
    resized: () => undefined,
  });
  source.bind(1000);
  return source;
};
const newSink = (kind: 'audio' | 'video', outlet: TestOutlet): Sink =>
  new Sink({
    mid: '0',
    kind,
    ssrc: 77,
    rtxSsrc: 78,
    cname: 'c',
    firstSequence: 100,
    firstTimestamp: 5000,
    outlet,
  });

describe('a video sink', () => {
  let outlet: TestOutlet;
  let source: Source;
  let sink: Sink;

  beforeEach(() => {
    outlet = new TestOutlet();
    source = newSource('video', vp8);
    sink = newSink('video', outlet);
  });

  const frame = (sequence: number, key: boolean, from = source): void => {
    const payload = vp8Payload(key, sequence);
    receive(from, { type: 96, ssrc: 1000, sequence, timestamp: sequence * 3000, payload }, start + sequence);
  };
  const sequences = (): number[] => outlet.packets.map((packet) => packet.readUInt16BE(2));

  it('sends nothing before it is negotiated, and then from a key frame on', () => {
    sink.select(source, start);
    frame(1, true);
    expect(sink.awaits(source)).toBe(false);
    sink.negotiated(negotiated(testPayload(120, 'vp8')));
    expect(sink.awaits(source)).toBe(true);
    frame(2, false);
    frame(3, true);
    frame(4, false);
    expect(sink.awaits(source)).toBe(false);
    expect(sequences()).toEqual([100, 101]);
    expect(outlet.packets.map((packet) => (packet[1] ?? 0) & 0x7f)).toEqual([120, 120]);
  });

  it('sends nothing while the transport is not up', () => {
    outlet.up = false;
    sink.negotiated(negotiated(vp8));
    sink.select(source, start);
    frame(1, true);
    outlet.up = true;
    frame(2, false);
    expect(outlet.packets).toEqual([]);
    frame(3, true);
    expect(sequences()).toEqual([100]);
  });

  it('keeps the old source until the new one has a key frame', () => {
    const other = newSource('video', vp8);
    sink.negotiated(negotiated(vp8));
    sink.select(source, start);
    frame(1, true);
    sink.select(other, start);
    frame(50, false, other);
    frame(2, false);
    frame(51, true, other);
    frame(3, false);
    expect(sequences()).toEqual([100, 101, 102]);
    expect(outlet.packets[2]?.readUInt8(16)).toBe(vp8Payload(true).readUInt8(4));
  });

  it('carries on with the next source when its own ends', () => {
    const other = newSource('video', vp8);
    sink.negotiated(negotiated(vp8));
    sink.select(source, start);
    frame(1, true);
    source.close();
    sink.select(other, start);
    frame(9, true, other);
    expect(sequences()).toEqual([100, 101]);
  });

  it('is unfit for a source whose codec was not negotiated', () => {
    sink.negotiated(negotiated(vp8));
    sink.select(source, start);
    expect(sink.fits).toBe(true);
    sink.select(newSource('video', testPayload(98, 'vp9')), start);
    expect(sink.fits).toBe(false);
  });

  it('reports its own numbers on the clock of its source', () => {
    sink.negotiated(negotiated(vp8));
    sink.select(source, start);
    const writer = new RtcpWriter();
    expect(sink.writeReport(writer, start)).toBe(false);
    frame(1, true);
    source.senderReport(
      {
        type: 'sender-report',
        ssrc: 1000,
        ntpHigh: 10,
        ntpLow: 0,
        rtpTimestamp: 3000,
        packets: 1,
        octets: 1,
        reports: [],
      },
      start,
    );
    expect(sink.writeReport(writer, start)).toBe(true);
    const sent = outlet.packets[0]?.readUInt32BE(4);
    expect(parseRtcp(writer.bytes)[0]).toMatchObject({
      type: 'sender-report',
      ssrc: 77,
      ntpHigh: 10,
      rtpTimestamp: sent,
      packets: 1,
    });
  });

  it('answers each request for a packet once, by RTX', () => {
    sink.negotiated(negotiated(vp8));
    sink.select(source, start);
    frame(1, true);
    sink.retransmit([100, 555], start + 100);
    sink.retransmit([100], start + 101);
    expect(outlet.packets).toHaveLength(2);
    const repeat = outlet.packets[1];
    expect([(repeat?.[1] ?? 0) & 0x7f, repeat?.readUInt32BE(8), repeat?.readUInt16BE(12)]).toEqual([
      97, 78, 100,
    ]);
    expect(sink.counters('t')).toMatchObject({ packets: 1, retransmissions: 1, nacks: 3 });
  });
});

describe('an audio sink of a redundant source', () => {
  /** One old block of two bytes and the primary of three. */
  const red = (type: number): Buffer => Buffer.from([0x80 | type, 0x0f, 0x00, 0x02, type, 1, 2, 7, 8, 9]);

  const forward = (subscriber: SubscribedTrack): { type: number; payload: number[] }[] => {
    const outlet = new TestOutlet();
    const source = newSource('audio', opus, 63);
    const sink = newSink('audio', outlet);
    sink.negotiated(subscriber);
    sink.select(source, start);
    receive(source, { type: 63, ssrc: 1000, sequence: 1, timestamp: 960, payload: red(111) }, start);
    return outlet.packets.map((packet) => ({
      type: (packet[1] ?? 0) & 0x7f,
      payload: [...packet.subarray(12)],
    }));
  };

  it('passes redundancy on to who takes it', () => {
    expect(forward(negotiated(opus, 63))).toEqual([{ type: 63, payload: [...red(111)] }]);
  });

  it.each([
    ['takes none', negotiated(opus)],
    ['numbers the codec inside differently', negotiated(testPayload(109, 'opus', 48_000, 2), 63)],
  ])('unwraps it for who %s', (_, subscriber) => {
    expect(forward(subscriber)).toEqual([{ type: subscriber.payloads[0]?.type, payload: [7, 8, 9] }]);
  });
});
