// Owns the tests of a track as it goes out over a link.
import { beforeEach, describe, expect, it } from 'vitest';
import { parseRtp, RtpHeader } from '../rtp/packet.ts';
import { parseRtcp, RtcpWriter, type SenderReport } from '../rtp/rtcp.ts';
import { unwrapRtx } from '../rtp/rtx.ts';
import { TwccSender } from '../rtp/twcc-sender.ts';
import { Router } from '../routing/router.ts';
import { Source } from '../routing/source.ts';
import { receive, testPayload, TestOutlet } from '../webrtc/testing/test-media.ts';
import { vp8Payload } from '../webrtc/testing/test-packets.ts';
import { OutgoingTrack, type LinkOutlet } from './outgoing-track.ts';
import { RepairBudget } from './repair-budget.ts';

const begin = 1_000_000;

describe('a track that goes out over a link', () => {
  let router: Router;
  let out: TestOutlet;
  let track: OutgoingTrack;
  let changes: number;
  let plis: number;
  let randoms: number;

  const newSource = (): Source => {
    const source = new Source({
      track: 't',
      kind: 'video',
      rid: undefined,
      payload: testPayload(96, 'vp8'),
      redType: undefined,
      feedback: { nack: () => undefined, pli: () => plis++ },
      resized: () => undefined,
    });
    source.bind(1000);
    return source;
  };
  const packet = (source: Source, sequence: number, key = false, nowMs = begin): void => {
    const payload = vp8Payload(key, sequence);
    receive(source, { type: 96, ssrc: 1000, sequence, timestamp: sequence * 3000, payload }, nowMs);
  };
  const headers = (): RtpHeader[] =>
    out.packets.map((bytes) => {
      const header = new RtpHeader();
      if (!parseRtp(bytes, header)) throw new Error('no RTP');
      return header;
    });
  const reports = (nowMs: number): SenderReport[] => {
    const writer = new RtcpWriter();
    track.writeReport(writer, nowMs);
    return parseRtcp(writer.bytes).filter((each) => each.type === 'sender-report');
  };
  const hear = (source: Source, rtpTimestamp: number, nowMs = begin): void => {
    const report = { ntpHigh: 100, ntpLow: 0, rtpTimestamp, packets: 1, octets: 1, reports: [] };
    source.senderReport({ type: 'sender-report', ssrc: 1000, ...report }, nowMs);
  };

  beforeEach(() => {
    router = new Router();
    out = new TestOutlet();
    changes = 0;
    plis = 0;
    randoms = 100;
    const outlet: LinkOutlet = {
      get up() {
        return out.up;
      },
      transportCc: new TwccSender(),
      scratch: out.scratch,
      repairs: new RepairBudget(),
      send: (bytes) => out.send(bytes),
      random32: () => ++randoms,
    };
    track = new OutgoingTrack({ room: 'r', track: 't', router, outlet, changed: () => changes++ }, begin);
  });

  it('is told of once it has a source, and no more when that ends', () => {
    expect(track.described).toBeUndefined();
    const source = newSource();
    router.publish(source, begin);
    expect(track.described).toMatchObject({ track: 't', kind: 'video', payload: { type: 96, name: 'vp8' } });
    expect(changes).toBe(1);
    router.unpublish(source);
    expect(track.described).toBeUndefined();
    expect(changes).toBe(2);
  });

  it('asks for a key frame and begins with it', () => {
    const source = newSource();
    router.publish(source, begin);
    expect(plis).toBe(1);
    packet(source, 1);
    packet(source, 2, true);
    packet(source, 3);
    const [first, second, ...more] = headers();
    expect(more).toEqual([]);
    expect(first?.ssrc).toBe(track.described?.ssrc);
    expect(((second?.sequence ?? 0) - (first?.sequence ?? 0)) & 0xffff).toBe(1);
    expect(((second?.timestamp ?? 0) - (first?.timestamp ?? 0)) | 0).toBe(3000);
  });

  it('goes on without a gap when its source begins a new stream, and is another one for another source', () => {
    const source = newSource();
    router.publish(source, begin);
    packet(source, 1, true);
    const { ssrc } = track.described ?? {};
    source.bind(2000);
    packet(source, 40_000, true, begin + 100);
    const [first, second] = headers();
    expect(second?.ssrc).toBe(ssrc);
    expect(((second?.sequence ?? 0) - (first?.sequence ?? 0)) & 0xffff).toBe(1);
    router.publish(newSource(), begin);
    expect(track.described?.ssrc).not.toBe(ssrc);
    expect(source.taken).toBe(false);
  });

  it('is another one over another connection', () => {
    const source = newSource();
    router.publish(source, begin);
    packet(source, 1, true);
    const { ssrc } = track.described ?? {};
    track.restart(begin);
    expect(track.described?.ssrc).not.toBe(ssrc);
    packet(source, 2);
    expect(out.packets).toHaveLength(1);
    packet(source, 3, true);
    expect(out.packets).toHaveLength(2);
  });

  it('repeats what is missed under its own SSRC, once at a time, as the packet it was', () => {
    const source = newSource();
    router.publish(source, begin);
    packet(source, 1, true);
    packet(source, 2);
    const missed = headers()[1]?.sequence ?? 0;
    const original = Buffer.from(out.packets[1] ?? []);
    track.retransmit([missed], begin + 50);
    track.retransmit([missed], begin + 55);
    expect(out.packets).toHaveLength(3);
    const [, , repair] = headers();
    expect(repair?.ssrc).toBe(track.described?.rtxSsrc);
    if (!repair) throw new Error('no repair');
    const whole = unwrapRtx(Buffer.from(out.packets[2] ?? []), repair, 96, track.described?.ssrc ?? 0);
    const header = new RtpHeader();
    if (!whole || !parseRtp(whole, header)) throw new Error('no packet in it');
    expect(header.sequence).toBe(missed);
    expect(Buffer.from(whole.subarray(header.payloadOffset))).toEqual(original.subarray(-10));
    expect(track.counters()).toMatchObject({ packets: 2, retransmissions: 1, nacks: 2 });
  });

  it('tells its clock as soon as it is known, then every second, and at once when its timestamps move', () => {
    const source = newSource();
    router.publish(source, begin);
    packet(source, 1, true);
    expect(reports(begin)).toEqual([]);
    hear(source, 3000);
    const [report] = reports(begin);
    const offset = (headers()[0]?.timestamp ?? 0) - 3000;
    expect(report).toMatchObject({ ssrc: track.described?.ssrc, ntpHigh: 100 });
    expect(((report?.rtpTimestamp ?? 0) - offset) | 0).toBe(3000);
    expect(reports(begin + 500)).toEqual([]);
    expect(reports(begin + 1000)).toHaveLength(1);
    source.bind(2000);
    expect(reports(begin + 1010)).toEqual([]);
    packet(source, 40_000, true, begin + 1100);
    hear(source, 5000, begin + 1100);
    expect(reports(begin + 1100)).toHaveLength(1);
  });

  it('sends nothing and asks for nothing while the link is down', () => {
    out.up = false;
    const source = newSource();
    router.publish(source, begin);
    packet(source, 1, true);
    source.tick(begin + 1000);
    expect(out.packets).toEqual([]);
    expect(plis).toBe(0);
  });

  it('lets go of its source', () => {
    const source = newSource();
    router.publish(source, begin);
    track.close();
    expect(source.taken).toBe(false);
    router.publish(newSource(), begin);
    expect(track.described).toBeUndefined();
  });
});
