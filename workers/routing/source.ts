// Owns one received RTP stream: its recent packets, what is asked of its sender (retransmissions, key frames) and what is
// told it (reports), and handing each packet to the sinks that forward it. Which SSRC is which source: ssrc-table.ts.
import type { Kind, Resolution } from '../../schemas/media.ts';
import type { RtpCounters } from '../../schemas/worker.ts';
import { PacketHistory, type StoredPacket } from '../rtp/history.ts';
import { resolutionOf, type PayloadCodec } from '../rtp/keyframe.ts';
import { NackGenerator } from '../rtp/nack-generator.ts';
import type { RtpHeader } from '../rtp/packet.ts';
import { ReceiveStats } from '../rtp/receive-stats.ts';
import type { ReportBlock, SenderReport } from '../rtp/rtcp.ts';
import type { HeardReport } from '../rtp/sr-relay.ts';
import type { Payload } from './payload.ts';

/** What forwards a source's packets. */
export interface PacketSink {
  forward(source: Source, packet: StoredPacket, nowMs: number): void;
  /** Whether it can send nothing of `source` before a key frame comes. */
  awaits(source: Source): boolean;
  /** The source was paused, resumed, or its sender began a new stream. */
  refresh(source: Source): void;
  /** The source will send no more. */
  ended(source: Source): void;
}

/** The way back to the sender. */
export interface SourceFeedback {
  nack(ssrc: number, sequences: readonly number[]): void;
  pli(ssrc: number): void;
}

export interface SourceOptions {
  /** Track id, unique in the room. */
  readonly track: string;
  readonly kind: Kind;
  readonly rid: string | undefined;
  readonly payload: Payload;
  readonly redType: number | undefined;
  readonly feedback: SourceFeedback;
  /** The picture size became known or changed. */
  readonly resized: () => void;
  /** The sender makes a key frame for each request this long after the one before. Default 500 ms. */
  readonly keyFrameEveryMs?: number;
  /** Lost sound is asked for again too, not only pictures. */
  readonly repairsAudio?: boolean;
}

/** Browsers ignore a second request within 300 ms of the first. */
const pliThrottleMs = 500;
/** While a sink waits the request is repeated a little sooner than a new one is made. */
const repeatShare = 0.8;
/** A lost packet is not asked for oftener, however near its sender: it has ten tries, which must outlast a short break. */
const minNackEveryMs = 50;
/** A sender that is silent this long is not asked for key frames. */
const silentMs = 3000;

const codecs: ReadonlySet<string> = new Set(['vp8', 'vp9', 'h264', 'h265', 'av1']);
const isVideoCodec = (name: string): name is Exclude<PayloadCodec, 'other'> => codecs.has(name);

export class Source {
  readonly track: string;
  readonly kind: Kind;
  readonly rid: string | undefined;
  readonly payload: Payload;
  readonly redType: number | undefined;
  history: PacketHistory;
  resolution: Resolution | undefined;
  /** The sender's latest report, for relaying. */
  heard: HeardReport | undefined;
  /** Round-trip time to the sender, where it is known. */
  rttMs: number | undefined;
  /** Id of the header extension with the sound's level, where the sender writes one. */
  audioLevelId: number | undefined;
  readonly #pliEveryMs: number;
  readonly #repairs: boolean;
  readonly #codec: PayloadCodec;
  readonly #feedback: SourceFeedback;
  readonly #resized: () => void;
  /** Replaced, never changed: a sink may come or go while a packet is handed round. */
  #sinks: readonly PacketSink[] = [];
  #stats: ReceiveStats | undefined;
  #nack = new NackGenerator();
  #paused = false;
  #keyFrameWanted = false;
  #lastPliMs = -Infinity;
  #lastPacketMs = -Infinity;
  #retransmissions = 0;
  #nacks = 0;
  #plis = 0;
  #keyFrames = 0;
  #keyTimestamp = -1;

  constructor(options: SourceOptions) {
    this.track = options.track;
    this.kind = options.kind;
    this.rid = options.rid;
    this.payload = options.payload;
    this.redType = options.redType;
    this.#codec = isVideoCodec(options.payload.name) ? options.payload.name : 'other';
    this.#feedback = options.feedback;
    this.#resized = options.resized;
    this.#repairs = options.kind === 'video' || options.repairsAudio === true;
    this.#pliEveryMs = options.keyFrameEveryMs ?? pliThrottleMs;
    this.history = this.#newHistory();
  }

  /** The SSRC it is received under; undefined before it is known. */
  get ssrc(): number | undefined {
    return this.#stats?.ssrc;
  }

  get paused(): boolean {
    return this.#paused;
  }

  /** Whether anything was ever received. */
  get flowing(): boolean {
    return this.#lastPacketMs > 0;
  }

  /** When it last received a packet; -Infinity before the first. */
  get lastPacketMs(): number {
    return this.#lastPacketMs;
  }

  /** Whether anything takes its packets. */
  get taken(): boolean {
    return this.#sinks.length > 0;
  }

  /** Received under this SSRC from now on; another one than before is a new stream. */
  bind(ssrc: number): void {
    if (this.ssrc === ssrc) return;
    const renewed = this.#stats !== undefined;
    this.#stats = new ReceiveStats(ssrc, this.payload.clockRate);
    this.#lastPliMs = -Infinity;
    if (!renewed) return;
    this.history = this.#newHistory();
    this.#nack = new NackGenerator();
    this.heard = undefined;
    for (const sink of this.#sinks) sink.refresh(this);
  }

  /** Paused: received, not forwarded. */
  setPaused(paused: boolean): void {
    if (this.#paused === paused) return;
    this.#paused = paused;
    for (const sink of this.#sinks) sink.refresh(this);
  }

  add(sink: PacketSink): void {
    if (!this.#sinks.includes(sink)) this.#sinks = [...this.#sinks, sink];
  }

  remove(sink: PacketSink): void {
    if (this.#sinks.includes(sink)) this.#sinks = this.#sinks.filter((other) => other !== sink);
  }

  /** Takes a packet of this stream, first-hand or `repaired` from a retransmission; `bytes` are kept. */
  receive(bytes: Uint8Array, header: RtpHeader, nowMs: number, repaired: boolean): void {
    const type = header.payloadType;
    if (type !== this.payload.type && type !== this.redType) return;
    this.#lastPacketMs = nowMs;
    if (repaired) this.#retransmissions++;
    else this.#stats?.received(header.sequence, header.timestamp, nowMs, bytes.length);
    if (this.#repairs) this.#nack.received(header.sequence, nowMs);
    const packet = this.history.store(bytes, header, nowMs);
    if (packet === undefined) return;
    if (this.kind === 'video' && packet.keyFrame) this.#noteKeyFrame(packet, header);
    if (!this.#paused) {
      for (const sink of this.#sinks) sink.forward(this, packet, nowMs);
    }
    if (this.#nack.missing > 0) this.#askAgain(nowMs);
  }

  senderReport(report: SenderReport, nowMs: number): void {
    this.heard = { report, receivedMs: nowMs, clockRate: this.payload.clockRate };
    this.#stats?.senderReport(report.ntpHigh, report.ntpLow, nowMs);
  }

  /** What to tell the sender in a receiver report now; undefined before the first packet. */
  report(nowMs: number): ReportBlock | undefined {
    return this.#stats?.report(nowMs);
  }

  /** Asks for a key frame: at once, or with the next `tick` that may. */
  requestKeyFrame(nowMs: number): void {
    if (this.kind !== 'video') return;
    this.#keyFrameWanted = true;
    if (nowMs - this.#lastPliMs >= this.#pliEveryMs) this.#sendPli(nowMs);
  }

  /** To be called every 50 ms or oftener. */
  tick(nowMs: number): void {
    if (this.#nack.missing > 0) this.#askAgain(nowMs);
    if (this.kind !== 'video') return;
    const repeatMs = repeatShare * this.#pliEveryMs;
    if (nowMs - this.#lastPliMs < repeatMs || nowMs - this.#lastPacketMs > silentMs) return;
    if (this.#keyFrameWanted || this.#isAwaited()) this.#sendPli(nowMs);
  }

  counters(): RtpCounters {
    const stats = this.#stats;
    return {
      track: this.track,
      ssrc: stats?.ssrc ?? 0,
      packets: stats?.packets ?? 0,
      bytes: stats?.bytes ?? 0,
      packetsLost: stats?.packetsLost ?? 0,
      retransmissions: this.#retransmissions,
      nacks: this.#nacks,
      plis: this.#plis,
      keyFrames: this.#keyFrames,
      jitter: Math.round((stats?.jitterMs ?? 0) * (this.payload.clockRate / 1000)),
    };
  }

  /** Ends it for its sinks. */
  close(): void {
    const sinks = this.#sinks;
    this.#sinks = [];
    for (const sink of sinks) sink.ended(this);
    this.history.clear();
  }

  #newHistory(): PacketHistory {
    return new PacketHistory(this.#codec, this.kind === 'video' ? 1024 : 128);
  }

  #isAwaited(): boolean {
    return !this.#paused && this.#sinks.some((sink) => sink.awaits(this));
  }

  #noteKeyFrame(packet: StoredPacket, header: RtpHeader): void {
    // Parameter sets and picture of one H.264 key frame begin in packets of their own.
    if (packet.timestamp !== this.#keyTimestamp) this.#keyFrames++;
    this.#keyTimestamp = packet.timestamp;
    this.#keyFrameWanted = false;
    const { width, height } = this.resolution ?? { width: 0, height: 0 };
    const size = resolutionOf(this.#codec, packet.bytes, header.payloadOffset, header.payloadEnd);
    if (!size || (size.width === width && size.height === height)) return;
    this.resolution = { width: size.width, height: size.height };
    this.#resized();
  }

  #askAgain(nowMs: number): void {
    const { ssrc } = this;
    if (this.rttMs !== undefined) this.#nack.rttMs = Math.max(minNackEveryMs, this.rttMs);
    const sequences = this.#nack.due(nowMs);
    if (ssrc !== undefined && sequences.length > 0) {
      this.#nacks += sequences.length;
      this.#feedback.nack(ssrc, sequences);
    }
    if (this.#nack.takeKeyFrameNeed()) this.requestKeyFrame(nowMs);
  }

  #sendPli(nowMs: number): void {
    const { ssrc } = this;
    if (ssrc === undefined) return;
    this.#lastPliMs = nowMs;
    this.#plis++;
    this.#feedback.pli(ssrc);
  }
}
