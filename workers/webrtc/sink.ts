// Owns one forwarded RTP stream towards a subscriber: which source it carries, its own numbering, retransmissions,
// sender reports and what the receiver says. The transport it goes out on is behind Outlet.
import type { Kind } from '../../schemas/media.ts';
import type { RtpCounters } from '../../schemas/worker.ts';
import type { StoredPacket } from '../rtp/history.ts';
import { unwrapRed } from '../rtp/red.ts';
import { Rewriter } from '../rtp/rewriter.ts';
import type { ReportBlock, RtcpWriter } from '../rtp/rtcp.ts';
import type { Scratch } from '../rtp/scratch.ts';
import { SendPacket, writePacket } from '../rtp/send-packet.ts';
import { SendStats } from '../rtp/send-stats.ts';
import { relaySenderReport } from '../rtp/sr-relay.ts';
import type { TwccSender } from '../rtp/twcc-sender.ts';
import { renumberVp8 } from '../rtp/vp8-descriptor.ts';
import { chooseForwarded } from './codecs.ts';
import type { SubscribedTrack } from './negotiation.ts';
import type { PacketSink, Source } from '../routing/source.ts';

/** The sending side of a subscriber's transport, shared by its sinks. */
export interface Outlet {
  readonly up: boolean;
  /** Id of the transport-wide-cc extension, 0 when it was not negotiated. */
  readonly transportCcId: number;
  readonly transportCc: TwccSender;
  readonly scratch: Scratch<Buffer>;
  /** Copies the bytes; false when they were not taken. */
  send(packet: Buffer): boolean;
}

export interface SinkOptions {
  readonly mid: string;
  readonly kind: Kind;
  readonly ssrc: number;
  readonly rtxSsrc: number;
  readonly cname: string;
  readonly firstSequence: number;
  readonly firstTimestamp: number;
  readonly outlet: Outlet;
}

/** A packet is not repeated twice within this time: several requests for it are on the way at once. */
const minRepeatMs = 10;
const none = -1;

export class Sink implements PacketSink {
  readonly mid: string;
  readonly kind: Kind;
  readonly ssrc: number;
  readonly rtxSsrc: number;
  readonly #cname: string;
  readonly #outlet: Outlet;
  readonly #rewriter: Rewriter;
  readonly #packet = new SendPacket();
  readonly #stats = new SendStats();
  #negotiated: SubscribedTrack | undefined;
  #current: Source | undefined;
  /** What takes over from `#current` at its first key frame. */
  #next: Source | undefined;
  #paused = false;
  #type = none;
  #nextType = none;
  #rtxSequence: number;
  #bytes = 0;
  #retransmissions = 0;
  #nacks = 0;
  #plis = 0;
  #keyFrames = 0;
  #keyTimestamp = -1;
  /** When it last sent a packet; -Infinity before the first. */
  lastSentMs = -Infinity;

  constructor(options: SinkOptions) {
    this.mid = options.mid;
    this.kind = options.kind;
    this.ssrc = options.ssrc;
    this.rtxSsrc = options.rtxSsrc;
    this.#cname = options.cname;
    this.#outlet = options.outlet;
    this.#rtxSequence = options.firstSequence;
    this.#rewriter = new Rewriter({
      clockRate: options.kind === 'video' ? 90_000 : 48_000,
      firstSequence: options.firstSequence,
      firstTimestamp: options.firstTimestamp,
    });
  }

  /** The source it carries or is about to carry. */
  get source(): Source | undefined {
    return this.#next ?? this.#current;
  }

  /** Round-trip time to the subscriber, once its reports make it known. */
  get rttMs(): number | undefined {
    return this.#stats.rttMs < 0 ? undefined : this.#stats.rttMs;
  }

  /** Whether the subscriber can take what it is given, as far as both are known. */
  get fits(): boolean {
    const { source } = this;
    return !source || !this.#negotiated || this.#typeFor(source) >= 0;
  }

  /** What the subscriber accepts; to be told again after each negotiation. */
  negotiated(track: SubscribedTrack | undefined): void {
    this.#negotiated = track;
    this.#type = this.#typeFor(this.#current);
    this.#nextType = this.#typeFor(this.#next);
  }

  setPaused(paused: boolean, nowMs: number): void {
    if (paused === this.#paused) return;
    this.#paused = paused;
    this.#settle();
    if (!paused) this.source?.requestKeyFrame(nowMs);
  }

  /** Carries `source` from its next key frame on, and until then what it carried before. */
  select(source: Source | undefined, nowMs: number): void {
    if (source === this.source) return;
    this.#next?.remove(this);
    this.#next = undefined;
    if (source === undefined) {
      this.#current?.remove(this);
      this.#current = undefined;
      this.#rewriter.select(undefined);
      return;
    }
    if (this.#current === undefined) this.#current = source;
    else if (this.#current !== source) this.#next = source;
    source.add(this);
    this.#rewriter.select(source.history);
    this.negotiated(this.#negotiated);
    this.#settle();
    if (this.awaits(source)) source.requestKeyFrame(nowMs);
  }

  awaits(source: Source): boolean {
    return (
      this.#outlet.up && this.#negotiated !== undefined && this.#rewriter.awaitingKeyFrame === source.history
    );
  }

  refresh(source: Source): void {
    if (source === this.source) this.#rewriter.select(source.history);
    this.#settle();
  }

  ended(source: Source): void {
    if (source === this.#next) {
      this.#next = undefined;
      if (this.#current) this.#rewriter.select(this.#current.history);
    } else if (source === this.#current) {
      this.#current = this.#next;
      this.#type = this.#nextType;
      this.#next = undefined;
    }
    this.#settle();
  }

  forward(source: Source, packet: StoredPacket, nowMs: number): void {
    const type = source === this.#current ? this.#type : this.#nextType;
    if (type < 0 || !this.#outlet.up) return;
    if (!this.#rewriter.rewrite(source.history, packet, nowMs)) return;
    if (source === this.#next) this.#promote();
    if (packet.keyFrame && this.kind === 'video') this.#countKeyFrame(packet.timestamp);
    this.lastSentMs = nowMs;
    const arrivedType = (packet.bytes[1] ?? 0) & 0x7f;
    if (arrivedType === source.redType) this.#sendRed(source, packet, nowMs);
    else this.#send(packet, packet.payload, type, this.ssrc, this.#rewriter.sequence, none, nowMs);
  }

  /** Sends again what the receiver misses, by RTX where negotiated. */
  retransmit(sequences: readonly number[], nowMs: number): void {
    this.#nacks += sequences.length;
    const rtxType = this.#negotiated?.rtxTypes.get(this.#type);
    for (const sequence of sequences) {
      const packet = this.#rewriter.recall(sequence, nowMs, minRepeatMs);
      if (!packet) continue;
      this.#retransmissions++;
      if (rtxType === undefined) {
        this.#send(packet, packet.payload, this.#type, this.ssrc, sequence, none, nowMs);
      } else {
        this.#rtxSequence = (this.#rtxSequence + 1) & 0xffff;
        this.#send(packet, packet.payload, rtxType, this.rtxSsrc, this.#rtxSequence, sequence, nowMs);
      }
    }
  }

  /** The receiver lost the picture. */
  requestKeyFrame(nowMs: number): void {
    this.#plis++;
    this.source?.requestKeyFrame(nowMs);
  }

  receiverReport(block: ReportBlock, nowMs: number): void {
    this.#stats.receiverReport(block, nowMs);
  }

  /** Adds a sender report with its CNAME to `writer`; false when there is nothing to say or it does not fit. */
  writeReport(writer: RtcpWriter, nowMs: number): boolean {
    const heard = this.#current?.heard;
    if (!heard || this.#stats.packets === 0 || this.#rewriter.source !== this.#current?.history) return false;
    const report = relaySenderReport(
      heard,
      {
        ssrc: this.ssrc,
        timestampOffset: this.#rewriter.timestampOffset,
        packets: this.#stats.packets,
        octets: this.#stats.octets,
      },
      nowMs,
    );
    if (!writer.senderReport(report)) return false;
    this.#stats.senderReport(report.ntpHigh, report.ntpLow, nowMs);
    return writer.sourceDescription(this.ssrc, this.#cname);
  }

  counters(track: string): RtpCounters {
    const { rttMs, packets, packetsLost, jitter } = this.#stats;
    return {
      track,
      ssrc: this.ssrc,
      packets,
      bytes: this.#bytes,
      packetsLost,
      retransmissions: this.#retransmissions,
      nacks: this.#nacks,
      plis: this.#plis,
      keyFrames: this.#keyFrames,
      jitter,
      ...(rttMs < 0 ? {} : { rttMs }),
    };
  }

  close(): void {
    this.#current?.remove(this);
    this.#next?.remove(this);
    this.#current = undefined;
    this.#next = undefined;
    this.#negotiated = undefined;
    this.#type = none;
    this.#nextType = none;
  }

  #countKeyFrame(timestamp: number): void {
    if (timestamp !== this.#keyTimestamp) this.#keyFrames++;
    this.#keyTimestamp = timestamp;
  }

  #promote(): void {
    this.#current?.remove(this);
    this.#current = this.#next;
    this.#type = this.#nextType;
    this.#next = undefined;
    this.#nextType = none;
  }

  #settle(): void {
    const paused = this.#paused || this.source?.paused === true;
    if (paused === this.#rewriter.paused) return;
    if (paused) this.#rewriter.pause();
    else this.#rewriter.resume();
  }

  #typeFor(source: Source | undefined): number {
    if (!source || !this.#negotiated) return none;
    return chooseForwarded(source.payload, this.#negotiated.payloads)?.type ?? none;
  }

  /** As it is where the subscriber takes it and its blocks mean the same codec there; else only the newest block. */
  #sendRed(source: Source, packet: StoredPacket, nowMs: number): void {
    const redType = this.#negotiated?.redType;
    const { sequence } = this.#rewriter;
    if (redType !== undefined && this.#type === source.payload.type) {
      this.#send(packet, packet.payload, redType, this.ssrc, sequence, none, nowMs);
      return;
    }
    const red = unwrapRed(packet.payload, 0, packet.payload.length);
    if (red?.primary.payloadType !== source.payload.type) return;
    const primary = packet.payload.subarray(red.primary.offset, red.primary.end);
    this.#send(packet, primary, this.#type, this.ssrc, sequence, none, nowMs);
  }

  #send(
    packet: StoredPacket,
    payload: Uint8Array,
    type: number,
    ssrc: number,
    sequence: number,
    original: number,
    nowMs: number,
  ): void {
    const outlet = this.#outlet;
    const out = this.#packet;
    const rewriter = this.#rewriter;
    out.payloadType = type;
    out.marker = rewriter.marker;
    out.sequence = sequence;
    out.timestamp = rewriter.timestamp;
    out.ssrc = ssrc;
    out.payload = payload;
    out.originalSequence = original;
    out.transportCcId = outlet.transportCcId;
    if (outlet.transportCcId !== 0) out.transportCc = outlet.transportCc.sent(nowMs, payload.length + 20);
    const length = writePacket(outlet.scratch.bytes, out);
    if (length === 0) return;
    if (packet.pictureIdAt >= 0 || packet.tl0PicIdxAt >= 0) {
      renumberVp8(outlet.scratch.bytes, out.payloadAt, packet, rewriter.pictureId, rewriter.tl0PicIdx);
    }
    outlet.send(outlet.scratch.view(length));
    this.#bytes += length;
    // Retransmissions are a stream of their own (RFC 4588 §4).
    if (original < 0) this.#stats.sent(payload.length);
  }
}
