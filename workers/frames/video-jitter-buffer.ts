// Owns turning one incoming video stream's packets into whole frames in decoding order: how long to wait for what is
// missing, where to go on after a loss, when to ask for a key frame. Sans-IO: time comes in, requests are taken out.
import { ReceiveStats } from '../rtp/receive-stats.ts';
import { SequenceUnwrapper } from '../rtp/sequence-unwrapper.ts';
import type { MediaPacket } from './media-packet.ts';
import { PacketShelf, type Run } from './packet-shelf.ts';
import type { FrameEdges, VideoDepacketizer, VideoFrame } from './video-depacketizer.ts';
import { videoDepacketizers, type DecodedCodec } from './video-depacketizers.ts';

export interface VideoJitterBufferOptions {
  readonly codec: DecodedCodec;
  /** Time until an unanswered key frame request is repeated. */
  readonly keyFrameRepeatMs?: number;
  readonly maxPackets?: number;
  readonly maxBytes?: number;
}

export interface VideoJitterBufferStats {
  readonly frames: number;
  readonly keyFrames: number;
  /** Packets that came after their frame was given or given up. */
  readonly late: number;
  readonly duplicates: number;
  /** Times a loss was given up on, or a frame was broken. */
  readonly breaks: number;
  readonly keyFrameRequests: number;
}

/** `lost`: what comes next cannot be decoded, unless the gap closes after all, without a key frame. */
type Decoding =
  | { readonly type: 'idle' }
  | { readonly type: 'flowing' }
  | { readonly type: 'lost'; readonly sinceMs: number; readonly askAtMs: number };

const clockRate = 90_000;
/** A packet may be this much out of order before its absence means anything. */
const reorderMs = 20;
const minWaitMs = 40;
const maxWaitMs = 400;
/** A gap that closes later than this after it was given up would bring pictures too old to show. */
const maxRepairMs = 1000;
/** Packets kept while waiting for a key frame of which nothing has come: its start may still be overtaken. */
const maxUseless = 256;

export class VideoJitterBuffer {
  /** Round-trip time to the sender: a retransmission takes at least this long. */
  rttMs = 50;
  readonly #depacketizer: VideoDepacketizer;
  readonly #repeatMs: number;
  readonly #shelf: PacketShelf;
  #unwrapper = new SequenceUnwrapper();
  #restarts = 0;
  #jitter = new ReceiveStats(0, clockRate);
  #decoding: Decoding = { type: 'idle' };
  /** Extended number of the packet that decoding goes on with; -1 when only a key frame can be next. */
  #next = -1;
  /** Where the last frame taken out ended; -1 before the first. */
  #boundary = -1;
  /** The packet that the next frame in order lacks; -1 when unknown. */
  #missing = -1;
  #gap: { readonly at: number; readonly sinceMs: number } | undefined;
  #stats = { frames: 0, keyFrames: 0, late: 0, duplicates: 0, breaks: 0, keyFrameRequests: 0 };

  constructor(options: VideoJitterBufferOptions) {
    this.#depacketizer = videoDepacketizers[options.codec];
    this.#repeatMs = options.keyFrameRepeatMs ?? 500;
    this.#shelf = new PacketShelf({
      maxPackets: options.maxPackets ?? 2048,
      maxBytes: options.maxBytes ?? 4_000_000,
    });
  }

  get stats(): VideoJitterBufferStats {
    return { ...this.#stats };
  }

  get packets(): number {
    return this.#shelf.packets;
  }

  get bytes(): number {
    return this.#shelf.bytes;
  }

  /** How long a missing packet is waited for at present: a retransmission's way and the network's jitter. */
  get waitMs(): number {
    const waitMs = reorderMs + 1.5 * this.rttMs + 4 * this.#jitter.jitterMs;
    return Math.min(maxWaitMs, Math.max(minWaitMs, waitMs));
  }

  /** Takes a packet in, first-hand or retransmitted. Another SSRC or a sender that starts over begins a new stream. */
  insert(packet: MediaPacket, nowMs: number): void {
    if (packet.ssrc !== this.#jitter.ssrc) this.#restart(packet.ssrc);
    const extended = this.#unwrapper.unwrap(packet.sequence);
    if (extended < 0) return;
    if (this.#unwrapper.restarts !== this.#restarts) {
      this.#restarts = this.#unwrapper.restarts;
      this.#forget();
    }
    if (packet.payload.length > 0) {
      this.#jitter.received(packet.sequence, packet.timestamp, nowMs, packet.payload.length);
      // Whatever begins a stream may be the start of a key frame whose packets changed places.
      if (this.#decoding.type === 'idle') this.#lose(nowMs, nowMs + reorderMs);
    }
    const facts = this.#depacketizer.inspect(packet.payload);
    const put = this.#shelf.put(extended, packet, facts, nowMs);
    if (put === 'late') this.#stats.late++;
    if (put === 'double') this.#stats.duplicates++;
    if (this.#next >= 0 && this.#shelf.floor > this.#next) this.#break(nowMs);
    if (this.#next < 0 && !this.#shelf.hasKeys) this.#shelf.dropBefore(extended - maxUseless);
  }

  /** The next whole frame in decoding order, as soon as there is one; call after every insert until undefined, and at `wakeMs`. */
  pop(nowMs: number): VideoFrame | undefined {
    const frame = this.#inOrder(nowMs);
    if (frame !== undefined) return this.#given(frame);
    const { type } = this.#decoding;
    if (type === 'idle') return undefined;
    if (type === 'flowing') {
      if (this.#gap === undefined || nowMs < this.#gap.sinceMs + reorderMs) return undefined;
      if (nowMs >= this.#gap.sinceMs + this.waitMs) this.#lose(nowMs, nowMs);
    }
    if (this.#decoding.type === 'lost' && this.#next >= 0 && nowMs - this.#decoding.sinceMs > maxRepairMs) {
      this.#next = -1;
      this.#missing = -1;
      this.#gap = undefined;
    }
    const key = this.#fromKeyFrame();
    return key === undefined ? undefined : this.#given(key);
  }

  /** The decoder cannot go on (it failed, or starts only now): the next frame given is a key frame. */
  needKeyFrame(nowMs: number): void {
    if (this.#decoding.type === 'idle') return;
    this.#next = -1;
    this.#missing = -1;
    this.#gap = undefined;
    if (this.#decoding.type === 'flowing') this.#lose(nowMs, nowMs);
  }

  /** True when a key frame is to be asked for now: once when the need arises, and again while it is not met. */
  takeKeyFrameRequest(nowMs: number): boolean {
    const decoding = this.#decoding;
    if (decoding.type !== 'lost' || nowMs < this.#askableAtMs(decoding.askAtMs)) return false;
    this.#decoding = { ...decoding, askAtMs: nowMs + Math.max(this.#repeatMs, 2 * this.rttMs) };
    this.#stats.keyFrameRequests++;
    return true;
  }

  /** When time alone may bring a frame or a request; undefined when only a packet can. */
  get wakeMs(): number | undefined {
    if (this.#decoding.type === 'lost') return this.#askableAtMs(this.#decoding.askAtMs);
    return this.#gap === undefined ? undefined : this.#gap.sinceMs + this.waitMs;
  }

  /** Not before a key frame that is coming in has had its time. */
  #askableAtMs(askAtMs: number): number {
    return this.#shelf
      .keyStarts()
      .reduce((atMs, { arrivedMs }) => Math.max(atMs, arrivedMs + this.waitMs), askAtMs);
  }

  #inOrder(nowMs: number): VideoFrame | undefined {
    if (this.#next < 0) return undefined;
    if (this.#missing >= 0 && !this.#shelf.has(this.#missing)) {
      // All before it was looked through already.
      this.#noteGap(this.#missing);
      return undefined;
    }
    const run = this.#shelf.run(this.#next);
    if (run.type === 'missing') {
      this.#missing = run.at;
      this.#noteGap(run.at);
      return undefined;
    }
    const frame = this.#frameOf(run, { begins: true, ends: run.followed });
    this.#goOnAt(run.end);
    if (frame === undefined) this.#break(nowMs);
    return frame;
  }

  #fromKeyFrame(): VideoFrame | undefined {
    for (const { start, begins } of this.#shelf.keyStarts()) {
      const run = this.#shelf.run(start);
      if (run.type === 'missing') continue;
      const known = begins || start === this.#boundary;
      const frame = this.#frameOf(run, { begins: known, ends: run.followed });
      if (frame?.keyFrame === true) {
        this.#goOnAt(run.end);
        return frame;
      }
      for (const { timestamp } of this.#shelf.slice(run.start, run.end)) this.#shelf.forgetKey(timestamp);
    }
    return undefined;
  }

  #frameOf(run: Run & { type: 'frame' }, edges: FrameEdges): VideoFrame | undefined {
    const result = this.#depacketizer.depacketize(this.#shelf.slice(run.start, run.end), edges);
    return result.type === 'complete' ? result.frame : undefined;
  }

  #given(frame: VideoFrame): VideoFrame {
    this.#decoding = { type: 'flowing' };
    this.#stats.frames++;
    if (frame.keyFrame) this.#stats.keyFrames++;
    return frame;
  }

  #goOnAt(end: number): void {
    this.#shelf.dropBefore(end);
    this.#next = end;
    this.#boundary = end;
    this.#missing = -1;
    this.#gap = undefined;
  }

  #noteGap(at: number): void {
    if (this.#gap?.at === at) return;
    const sinceMs = at > this.#shelf.highest ? undefined : this.#shelf.arrivalAfter(at);
    this.#gap = sinceMs === undefined ? undefined : { at, sinceMs };
  }

  #break(nowMs: number): void {
    this.#next = -1;
    this.#missing = -1;
    this.#gap = undefined;
    if (this.#decoding.type === 'flowing') this.#lose(nowMs, nowMs);
  }

  #lose(nowMs: number, askAtMs: number): void {
    if (this.#decoding.type === 'flowing') this.#stats.breaks++;
    this.#decoding = { type: 'lost', sinceMs: nowMs, askAtMs };
  }

  #restart(ssrc: number): void {
    this.#jitter = new ReceiveStats(ssrc, clockRate);
    this.#unwrapper = new SequenceUnwrapper();
    this.#restarts = 0;
    this.#forget();
  }

  #forget(): void {
    this.#shelf.clear();
    this.#next = -1;
    this.#boundary = -1;
    this.#missing = -1;
    this.#gap = undefined;
    this.#decoding = { type: 'idle' };
  }
}
