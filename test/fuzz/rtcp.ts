// Owns the fuzz target for RTCP: compound packets, transport-cc feedback, and everything that learns from them.
import { NackGenerator } from '../../workers/rtp/nack-generator.ts';
import { ReceiveStats } from '../../workers/rtp/receive-stats.ts';
import { parseRtcp, RtcpWriter, type RtcpPacket } from '../../workers/rtp/rtcp.ts';
import { SendStats } from '../../workers/rtp/send-stats.ts';
import { relaySenderReport } from '../../workers/rtp/sr-relay.ts';
import {
  FeedbackArrivals,
  maxFeedbackPackets,
  readTransportFeedback,
} from '../../workers/rtp/transport-feedback.ts';
import { TwccRecorder } from '../../workers/rtp/twcc-recorder.ts';
import { TwccSender } from '../../workers/rtp/twcc-sender.ts';
import { hostileBytes, integer, must } from './hostile-bytes.ts';
import type { FuzzTarget } from './target.ts';

const starts: readonly (readonly number[])[] = [
  [0x81, 200, 0, 12],
  [0x9f, 201, 0, 7],
  [0x81, 202, 0, 3, 0, 0, 0, 5, 1, 3, 0x61, 0x62, 0x63, 0, 0, 0],
  [0x82, 203, 0, 2],
  [0x81, 205, 0, 4, 0, 0, 0, 1, 0, 0, 0, 2, 0xff, 0xf0, 0xff, 0xff],
  [0x8f, 205, 0, 5, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 5, 0, 0, 1, 1, 0x20, 5],
  [0x8f, 205, 0, 9, 0, 0, 0, 1, 0, 0, 0, 2, 0xff, 0xf0, 0x0f, 0xff, 0x80, 0, 0, 1, 0x1f, 0xff],
  [0x81, 206, 0, 2, 0, 0, 0, 1, 0, 0, 0, 2],
  [0x84, 206, 0, 4],
  [0x8f, 206, 0, 5, 0, 0, 0, 1, 0, 0, 0, 0, 0x52, 0x45, 0x4d, 0x42, 1, 0xff],
];

export const rtcpTarget: FuzzTarget = {
  name: 'rtcp',
  run(random, iterations) {
    const learners = {
      arrivals: new FeedbackArrivals(),
      sender: new TwccSender(),
      sent: new SendStats(),
      received: new ReceiveStats(1, 90_000),
      nack: new NackGenerator(),
      recorder: new TwccRecorder(),
      writer: new RtcpWriter(),
    };
    let nowMs = 0;
    for (let round = 0; round < iterations; round++) {
      nowMs += random() * 30;
      const compound: number[] = [];
      for (let part = integer(random, 4); part >= 0; part--) {
        compound.push(...hostileBytes(random, starts[integer(random, starts.length)] ?? [], 60));
      }
      for (let packet = 0; packet < 5; packet++) learners.sender.sent(nowMs, 1200);
      for (const packet of parseRtcp(Uint8Array.from(compound))) learn(packet, learners, nowMs);
      arrive(random, learners, nowMs);
    }
  },
};

interface Learners {
  readonly arrivals: FeedbackArrivals;
  readonly sender: TwccSender;
  readonly sent: SendStats;
  readonly received: ReceiveStats;
  readonly nack: NackGenerator;
  readonly recorder: TwccRecorder;
  readonly writer: RtcpWriter;
}

/** Feeds a packet to whatever takes it in, and writes it again where we can. */
function learn(packet: RtcpPacket, learners: Learners, nowMs: number): void {
  const { writer } = learners;
  writer.reset();
  switch (packet.type) {
    case 'sender-report': {
      learners.received.senderReport(packet.ntpHigh, packet.ntpLow, nowMs);
      for (const block of packet.reports) learners.sent.receiverReport(block, nowMs);
      const heard = { report: packet, receivedMs: nowMs - 70, clockRate: 90_000 };
      const sink = { ssrc: 1, timestampOffset: 0xffffffff, packets: 1, octets: 2 };
      same(relaySenderReport(heard, sink, nowMs), (report) => writer.senderReport(report), writer);
      break;
    }
    case 'receiver-report':
      for (const block of packet.reports) learners.sent.receiverReport(block, nowMs);
      same(packet, () => writer.receiverReport(packet.ssrc, packet.reports), writer);
      break;
    case 'transport-feedback': {
      const { arrivals, sender } = learners;
      const good = readTransportFeedback(packet, arrivals);
      must(arrivals.count <= maxFeedbackPackets, 'a feedback is bounded');
      must(sender.feedback(packet) === good, 'sender and reader agree');
      must(sender.samples.count + sender.samples.lost <= arrivals.count, 'no more packets than told');
      break;
    }
    case 'nack':
      must(packet.sequences.length <= 1024 + 17, 'a NACK is bounded');
      must(
        packet.sequences.every((sequence) => sequence >= 0 && sequence <= 0xffff),
        'numbers have 16 bits',
      );
      break;
    case 'remb':
      must(packet.bitrateBps >= 0 && packet.bitrateBps < 2 ** 82, 'a bitrate is a number');
      break;
    case 'bye':
      same(packet, () => writer.bye(packet.ssrcs), writer);
      break;
    case 'pli':
      same(packet, () => writer.pli(packet.senderSsrc, packet.mediaSsrc), writer);
      break;
    case 'fir':
      must(packet.entries.length < 400, 'a request is bounded');
      break;
  }
}

function same<Packet extends RtcpPacket>(
  packet: Packet,
  write: (packet: Packet) => boolean,
  writer: RtcpWriter,
): void {
  must(write(packet), 'what was read can be written');
  must(JSON.stringify(parseRtcp(writer.bytes)) === JSON.stringify([packet]), 'and reads the same again');
}

/** Packets with wild numbers for the receiving side. */
function arrive(random: () => number, { nack, received, recorder, writer }: Learners, nowMs: number): void {
  const base = random() < 0.1 ? integer(random, 0x10000) : 0xff00;
  for (let packet = 0; packet < 20; packet++) {
    const sequence = (base + integer(random, 400)) & 0xffff;
    nack.received(sequence, nowMs);
    received.received(sequence, integer(random, 2 ** 32), nowMs, 1000);
    recorder.record(sequence, nowMs + random() * 10);
  }
  must(nack.missing <= 1000, 'missing packets are bounded');
  const due = nack.due(nowMs);
  writer.reset();
  must(writer.nack(1, 2, due), 'what is due fits into one packet');
  const [written] = parseRtcp(writer.bytes);
  if (due.length > 0) {
    must(written?.type === 'nack' && written.sequences.join() === due.join(), 'a NACK reads the same again');
  }
  const block = received.report(nowMs);
  must(block === undefined || writer.reset().receiverReport(1, [block]), 'a report can be written');
  recorder.flush(nowMs, 1, 2, (bytes) => {
    const [feedback] = parseRtcp(bytes);
    must(feedback?.type === 'transport-feedback', 'feedback reads as feedback');
  });
}
