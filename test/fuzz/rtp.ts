// Owns the fuzz target for RTP packets on their whole way: parsing, history, key frames, RTX, RED, renumbering, sending.
import { PacketHistory } from '../../workers/rtp/history.ts';
import { isKeyFrame, resolutionOf, type PayloadCodec } from '../../workers/rtp/keyframe.ts';
import { isRtcp, parseRtp, RtpHeader } from '../../workers/rtp/packet.ts';
import { unwrapRed } from '../../workers/rtp/red.ts';
import { Rewriter } from '../../workers/rtp/rewriter.ts';
import { unwrapRtx, wrapRtx } from '../../workers/rtp/rtx.ts';
import { SendPacket, writePacket } from '../../workers/rtp/send-packet.ts';
import { renumberVp8 } from '../../workers/rtp/vp8-descriptor.ts';
import { hostileBytes, integer, must } from './hostile-bytes.ts';
import type { FuzzTarget } from './target.ts';

const codecs: readonly PayloadCodec[] = ['vp8', 'vp9', 'h264', 'h265', 'av1', 'other'];
const target = new Uint8Array(4096);

/** First payload bytes that lead deep into each codec's parser. */
const openings: Readonly<Record<PayloadCodec, readonly (readonly number[])[]>> = {
  vp8: [
    [0x90, 0xf0, 0x81, 2, 3, 4, 0x10, 0, 0, 0x9d, 1, 0x2a],
    [0x10, 0x10, 0, 0, 0x9d, 1, 0x2a],
  ],
  vp9: [
    [0xaa, 0x05, 0, 0, 0x30],
    [0x8a, 5, 0x08, 200],
    [0x88, 0x80, 5, 0x82, 0x49, 0x83, 0x42],
  ],
  h264: [
    [0x67, 100, 0, 31],
    [24, 0, 30, 0x67, 66, 0],
    [0x7c, 0x85],
  ],
  h265: [
    [0x60, 1, 0, 3],
    [0x62, 1, 0x93],
  ],
  av1: [
    [0x18, 0x08],
    [0x00, 12, 0x0a, 9],
    [0x20, 3, 8],
  ],
  other: [[0xef, 0, 4, 2]],
};

export const rtpTarget: FuzzTarget = {
  name: 'rtp',
  run(random, iterations) {
    const header = new RtpHeader();
    const send = new SendPacket();
    const rewriter = new Rewriter({
      clockRate: 90_000,
      firstSequence: 65_000,
      firstTimestamp: 7,
      capacity: 64,
    });
    const histories = codecs.map((codec) => new PacketHistory(codec, 64));
    for (let round = 0; round < iterations; round++) {
      const history = histories[integer(random, histories.length)] ?? new PacketHistory('other');
      const openingsOfCodec = openings[history.codec];
      const opening = openingsOfCodec[integer(random, openingsOfCodec.length)] ?? [];
      const bytes = packet(random, opening);
      isRtcp(bytes);
      if (!parseRtp(bytes, header)) continue;
      must(header.payloadOffset >= 12 && header.payloadOffset <= header.payloadEnd, 'payload begins inside');
      must(header.payloadEnd <= bytes.length, 'payload ends inside');
      must(header.extensionOffset + header.extensionLength <= bytes.length, 'extension inside');
      payloads(bytes, header);
      if (random() < 0.1) rewriter.select(histories[integer(random, histories.length)]);
      if (random() < 0.02) rewriter.pause();
      if (random() < 0.1) rewriter.resume();
      const stored = history.store(bytes, header, round);
      if (stored !== undefined && rewriter.rewrite(history, stored, round)) {
        send.payload = stored.payload;
        send.sequence = rewriter.sequence;
        send.timestamp = rewriter.timestamp;
        send.transportCcId = integer(random, 20);
        const length = writePacket(target, send);
        must(length > 0 && parseRtp(target.subarray(0, length), header), 'what we send is RTP');
        must(header.payloadEnd - header.payloadOffset === stored.payload.length, 'payload unchanged in size');
        renumberVp8(target, send.payloadAt, stored, rewriter.pictureId, rewriter.tl0PicIdx);
      }
      rewriter.recall(integer(random, 0x10000), round, 0);
    }
  },
};

function payloads(bytes: Uint8Array, header: RtpHeader): void {
  for (const codec of codecs) {
    isKeyFrame(codec, bytes, header.payloadOffset, header.payloadEnd);
    const size = resolutionOf(codec, bytes, header.payloadOffset, header.payloadEnd);
    must(size === undefined || (size.width > 0 && size.height > 0), 'a size is positive');
  }
  const red = unwrapRed(bytes, header.payloadOffset, header.payloadEnd);
  for (const block of red === undefined ? [] : [red.primary, ...red.redundant]) {
    must(block.offset >= header.payloadOffset && block.offset <= block.end, 'RED block begins inside');
    must(block.end <= header.payloadEnd, 'RED block ends inside');
  }
  const again = new RtpHeader();
  const rtx = wrapRtx(bytes, header, 97, 1, 2);
  must(parseRtp(rtx, again), 'what we wrap is RTP');
  const back = unwrapRtx(rtx, again, header.payloadType, header.ssrc);
  must(back?.length === header.payloadEnd, 'what we wrap unwraps');
  unwrapRtx(bytes.slice(), header, 96, 5);
}

function packet(random: () => number, opening: readonly number[]): Uint8Array {
  const bytes = hostileBytes(random, [...opening], 120);
  const packet = new Uint8Array(12 + bytes.length);
  packet.set(bytes, 12);
  packet[0] = 0x80;
  packet[1] = 96 | (random() < 0.5 ? 0x80 : 0);
  // Mostly close together, so that streams get going; sometimes anywhere.
  const sequence = random() < 0.05 ? integer(random, 0x10000) : 0xffc0 + integer(random, 128);
  packet[2] = sequence >> 8;
  packet[3] = sequence;
  for (let at = 4; at < 12; at++) packet[at] = integer(random, 256);
  if (random() < 0.3) packet[0] = integer(random, 256);
  return random() < 0.1 ? packet.subarray(0, integer(random, packet.length)) : packet;
}
