// Owns one track as it goes out over a link: which source of the room it carries, its numbering, retransmissions and sender
// reports. The numbering is continuous whatever happens to the source, so that the other end sees one stream.
import type { LinkedSource, LinkedTrackStats } from '../../schemas/link.ts';
import { readAudioLevel } from '../rtp/extensions.ts';
import type { StoredPacket } from '../rtp/history.ts';
import { parseRtp, RtpHeader } from '../rtp/packet.ts';
import { Rewriter } from '../rtp/rewriter.ts';
import type { ReportBlock } from '../rtp/rtcp-packet.ts';
import type { RtcpWriter } from '../rtp/rtcp-writer.ts';
import type { Scratch } from '../rtp/scratch.ts';
import { SendPacket, writePacket } from '../rtp/send-packet.ts';
import { SendStats } from '../rtp/send-stats.ts';
import { relaySenderReport } from '../rtp/sr-relay.ts';
import type { TwccSender } from '../rtp/twcc-sender.ts';
import { noBytes } from '../rtp/bytes.ts';
import { renumberVp8 } from '../rtp/vp8-descriptor.ts';
import type { Router, TrackSink } from '../routing/router.ts';
import type { PacketSink, Source } from '../routing/source.ts';
import { describeSource, linkExtensions } from './linked-source.ts';
import type { RepairBudget } from './repair-budget.ts';

/** The sending side of a link, shared by its tracks. */
export interface LinkOutlet {
  readonly up: boolean;
  readonly transportCc: TwccSender;
  readonly scratch: Scratch<Buffer>;
  readonly repairs: RepairBudget;
  /** Copies the bytes; false when they were not taken. */
  send(packet: Buffer): boolean;
  random32(): number;
}

export interface OutgoingTrackOptions {
  readonly room: string;
  readonly track: string;
  readonly router: Router;
  readonly outlet: LinkOutlet;
  /** What `described` gives is another than before. */
  readonly changed: () => void;
}

/** A packet is not repeated twice within this time: several requests for it are on the way at once. */
const minRepeatMs = 10;
const reportEveryMs = 1000;
const none = -1;

const header = new RtpHeader();

/** What a source becomes on the link; another source is another stream. */
class Stream {
  readonly source: Source;
  readonly ssrc: number;
  readonly rtxSsrc: number;
  readonly rewriter: Rewriter;
  readonly stats = new SendStats();
  rtxSequence: number;
  described: LinkedSource | undefined;
  /** When the other end was told of its clock, and by how much our timestamps then differed from the source's. */
  toldMs = -Infinity;
  toldOffset = 0;

  constructor(source: Source, random32: () => number) {
    this.source = source;
    this.ssrc = random32();
    this.rtxSsrc = random32();
    // RFC 3550 §5.1 wants them random; in the lower half, so that no early wrap troubles SRTP (RFC 3711 §3.3.1).
    this.rtxSequence = random32() & 0x7fff;
    this.rewriter = new Rewriter({
      clockRate: source.payload.clockRate,
      firstSequence: random32() & 0x7fff,
      firstTimestamp: random32(),
    });
    this.describe();
  }

  /** Whether that is said otherwise than before. */
  describe(): boolean {
    const before = JSON.stringify(this.described);
    this.described = describeSource(this.source, this.ssrc, this.rtxSsrc);
    return JSON.stringify(this.described) !== before;
  }
}

export class OutgoingTrack implements TrackSink, PacketSink {
  readonly track: string;
  readonly #options: OutgoingTrackOptions;
  readonly #packet = new SendPacket();
  readonly #level = new Uint8Array([linkExtensions.audioLevel << 4, 0]);
  #stream: Stream | undefined;
  #packets = 0;
  #bytes = 0;
  #retransmissions = 0;
  #nacks = 0;
  #plis = 0;
  #lostBefore = 0;

  constructor(options: OutgoingTrackOptions, nowMs: number) {
    this.track = options.track;
    this.#options = options;
    options.router.subscribe(options.track, this, nowMs);
  }

  /** Undefined while there is no source. */
  get described(): LinkedSource | undefined {
    return this.#stream?.described;
  }

  /** To be sent under another SSRC from now on: the link's connection is another one. */
  restart(nowMs: number): void {
    const source = this.#stream?.source;
    if (source) this.#begin(source, nowMs);
  }

  select(source: Source, nowMs: number): void {
    if (source !== this.#stream?.source) this.#begin(source, nowMs);
  }

  awaits(source: Source): boolean {
    const stream = this.#stream;
    return (
      stream?.source === source &&
      this.#options.outlet.up &&
      stream.rewriter.awaitingKeyFrame === source.history
    );
  }

  refresh(source: Source): void {
    const stream = this.#stream;
    if (stream?.source !== source) return;
    stream.rewriter.select(source.history);
    if (source.paused) stream.rewriter.pause();
    else stream.rewriter.resume();
  }

  ended(source: Source): void {
    if (this.#stream?.source !== source) return;
    this.#forget();
    this.#options.changed();
  }

  forward(source: Source, packet: StoredPacket, nowMs: number): void {
    const stream = this.#stream;
    const { outlet } = this.#options;
    if (stream?.source !== source || !outlet.up) return;
    if (!stream.rewriter.rewrite(source.history, packet, nowMs)) return;
    outlet.repairs.sent();
    this.#send(stream, packet, stream.rewriter.sequence, none, nowMs);
  }

  retransmit(sequences: readonly number[], nowMs: number): void {
    const stream = this.#stream;
    if (!stream) return;
    this.#nacks += sequences.length;
    for (const sequence of sequences) {
      const packet = stream.rewriter.recall(sequence, nowMs, minRepeatMs);
      if (!packet || !this.#options.outlet.repairs.take(nowMs)) continue;
      this.#retransmissions++;
      stream.rtxSequence = (stream.rtxSequence + 1) & 0xffff;
      this.#send(stream, packet, stream.rtxSequence, sequence, nowMs);
    }
  }

  /** Somebody behind the other end needs a key frame. */
  requestKeyFrame(nowMs: number): void {
    this.#plis++;
    this.#stream?.source.requestKeyFrame(nowMs);
  }

  receiverReport(block: ReportBlock, nowMs: number): void {
    this.#stream?.stats.receiverReport(block, nowMs);
  }

  /** To be called every 50 ms or oftener. */
  tick(): void {
    if (this.#stream?.describe() === true) this.#options.changed();
  }

  /** Adds a sender report when one is due: at once when it says something new, then every second. */
  writeReport(writer: RtcpWriter, nowMs: number): boolean {
    const stream = this.#stream;
    const heard = stream?.source.heard;
    if (!stream || !heard || stream.stats.packets === 0) return false;
    const { rewriter, stats, source } = stream;
    if (rewriter.source !== source.history) return false;
    const { ssrc } = stream;
    const { timestampOffset } = rewriter;
    if (nowMs - stream.toldMs < reportEveryMs && timestampOffset === stream.toldOffset) return false;
    const counts = { ssrc, timestampOffset, packets: stats.packets, octets: stats.octets };
    const report = relaySenderReport(heard, counts, nowMs);
    if (!writer.senderReport(report)) return false;
    stats.senderReport(report.ntpHigh, report.ntpLow, nowMs);
    stream.toldMs = nowMs;
    stream.toldOffset = timestampOffset;
    return true;
  }

  counters(): LinkedTrackStats {
    return {
      room: this.#options.room,
      track: this.track,
      packets: this.#packets,
      bytes: this.#bytes,
      packetsLost: this.#lostBefore + Math.max(0, this.#stream?.stats.packetsLost ?? 0),
      retransmissions: this.#retransmissions,
      nacks: this.#nacks,
      plis: this.#plis,
    };
  }

  close(): void {
    this.#options.router.unsubscribe(this.track, this);
    this.#forget();
  }

  #begin(source: Source, nowMs: number): void {
    this.#forget();
    const stream = new Stream(source, () => this.#options.outlet.random32());
    this.#stream = stream;
    stream.rewriter.select(source.history);
    if (source.paused) stream.rewriter.pause();
    source.add(this);
    this.#options.changed();
    if (this.awaits(source)) source.requestKeyFrame(nowMs);
  }

  #forget(): void {
    const stream = this.#stream;
    this.#stream = undefined;
    if (!stream) return;
    this.#lostBefore += Math.max(0, stream.stats.packetsLost);
    stream.source.remove(this);
  }

  /** `original`: the number of the packet repeated, or -1. */
  #send(stream: Stream, packet: StoredPacket, sequence: number, original: number, nowMs: number): void {
    const { outlet } = this.#options;
    const { rewriter, source } = stream;
    const out = this.#packet;
    const { payload } = packet;
    out.payloadType = (packet.bytes[1] ?? 0) & 0x7f;
    out.marker = rewriter.marker;
    out.sequence = sequence;
    out.timestamp = rewriter.timestamp;
    out.ssrc = original < 0 ? stream.ssrc : stream.rtxSsrc;
    out.payload = payload;
    out.originalSequence = original;
    out.elements = this.#levelOf(packet, source.audioLevelId);
    out.transportCcId = linkExtensions.transportCc;
    out.transportCc = outlet.transportCc.sent(nowMs, payload.length + 20);
    const length = writePacket(outlet.scratch.bytes, out);
    if (length === 0) return;
    if (packet.pictureIdAt >= 0 || packet.tl0PicIdxAt >= 0) {
      renumberVp8(outlet.scratch.bytes, out.payloadAt, packet, rewriter.pictureId, rewriter.tl0PicIdx);
    }
    outlet.send(outlet.scratch.view(length));
    this.#bytes += length;
    // Retransmissions are a stream of their own (RFC 4588 §4).
    if (original >= 0) return;
    this.#packets++;
    stream.stats.sent(payload.length);
  }

  #levelOf({ bytes }: StoredPacket, id: number | undefined): Uint8Array {
    if (id === undefined || !parseRtp(bytes, header)) return noBytes;
    const level = readAudioLevel(bytes, header, id);
    if (level < 0) return noBytes;
    this.#level[1] = level;
    return this.#level;
  }
}
