// Owns how one sink numbers what it forwards: sequence, timestamp and VP8 picture numbers stay continuous over source
// and layer switches, pauses and skipped packets, and an outgoing number leads back to the packet it stood for.
// Does not write packets (send-packet.ts) and does not decide which source to forward.
import type { PacketHistory, StoredPacket } from './history.ts';
import { extendSequence, timestampDelta } from './sequence.ts';
import { SkipList } from './skip-list.ts';
import { firstCycle } from './sequence-unwrapper.ts';

/** One uninterrupted run of one source: constants of the mapping from its numbers to ours. */
class Run {
  id = -1;
  source: PacketHistory | undefined = undefined;
  firstIn = 0;
  timestampOffset = 0;
  pictureIdOffset = 0;
  tl0Offset = 0;
}

/** Runs a retransmission can reach back to. */
const keptRuns = 8;
/** A source's gap that is no loss any more: the run ends, and the next one starts without a hole. */
const maxGap = 3000;

export interface RewriterOptions {
  /** RTP ticks per second. */
  readonly clockRate: number;
  /** 16-bit number of the first packet out; chosen at random by the caller. */
  readonly firstSequence: number;
  readonly firstTimestamp: number;
  /** Packets an outgoing number can be traced back, a power of two; also how late a packet may be. Default 1024. */
  readonly capacity?: number;
}

export class Rewriter {
  /** What `rewrite` or `recall` worked out for the packet, valid after they succeeded. */
  sequence = 0;
  timestamp = 0;
  marker = false;
  /** -1: the packet has none. */
  pictureId = -1;
  tl0PicIdx = -1;

  readonly #ticksPerMs: number;
  readonly #capacity: number;
  readonly #mask: number;
  readonly #outs: Float64Array;
  readonly #ins: Float64Array;
  readonly #runIds: Int32Array;
  readonly #resentMs: Float64Array;
  readonly #runs: readonly Run[];
  readonly #skips = new SkipList();
  #run: Run;
  #runCount = 0;
  #current: PacketHistory | undefined = undefined;
  #pending: PacketHistory | undefined = undefined;
  #paused = false;
  #running = false;
  /** Adds to an extended incoming number; falls by one with each skipped packet. */
  #offset = 0;
  #highestIn = 0;
  #highestOut = 0;
  // Numbers from the start: a field that was ever undefined costs an allocation with every number stored.
  #lastTimestamp = 0;
  #lastMs = 0;
  #lastPictureId = -1;
  #lastTl0 = -1;

  constructor(options: RewriterOptions) {
    const capacity = options.capacity ?? 1024;
    if (capacity < 1 || (capacity & (capacity - 1)) !== 0) throw new RangeError('capacity: a power of two');
    this.#ticksPerMs = options.clockRate / 1000;
    this.#capacity = capacity;
    this.#mask = capacity - 1;
    this.#outs = new Float64Array(capacity);
    this.#ins = new Float64Array(capacity);
    this.#runIds = new Int32Array(capacity);
    this.#resentMs = new Float64Array(capacity);
    this.#runs = Array.from({ length: keptRuns }, () => new Run());
    this.#run = new Run();
    this.#highestOut = firstCycle + (options.firstSequence & 0xffff) - 1;
    this.#lastTimestamp = options.firstTimestamp >>> 0;
  }

  /** The source being forwarded; it stays so while a switch waits for a key frame. */
  get source(): PacketHistory | undefined {
    return this.#current;
  }

  /** The source a key frame is needed from, undefined when none is (also while paused). */
  get awaitingKeyFrame(): PacketHistory | undefined {
    if (this.#paused) return undefined;
    if (this.#pending !== undefined) return this.#pending;
    return this.#running ? undefined : this.#current;
  }

  /** What to add to a timestamp of the current source to get ours, mod 2^32. For relaying sender reports. */
  get timestampOffset(): number {
    return this.#run.timestampOffset;
  }

  get paused(): boolean {
    return this.#paused;
  }

  /** Forwards `source` from its next key frame on, and until then what was forwarded before; undefined: nothing. */
  select(source: PacketHistory | undefined): void {
    if (source === undefined) {
      this.#current = undefined;
      this.#pending = undefined;
      this.#running = false;
    } else {
      this.#pending = source === this.#current ? undefined : source;
    }
  }

  /** Forwards nothing until `resume`. */
  pause(): void {
    this.#paused = true;
    this.#running = false;
  }

  /** Goes on with the next key frame of the selected source; receivers see no gap. */
  resume(): void {
    this.#paused = false;
  }

  /**
   * True when `packet` of `source` is to be sent now, with the numbers in `sequence`, `timestamp`, `marker`,
   * `pictureId` and `tl0PicIdx`; false to drop it.
   */
  rewrite(source: PacketHistory, packet: StoredPacket, nowMs: number): boolean {
    if (this.#paused) return false;
    const extended = packet.extended;
    if (source === this.#current && this.#running) {
      const ahead = extended - this.#highestIn;
      if (ahead <= 0) return this.#rewriteLate(packet);
      if (ahead <= maxGap) {
        this.#highestIn = extended;
        if (packet.payload.length === 0) {
          this.#skips.add(extended);
          this.#offset--;
          return false;
        }
        const out = extended + this.#offset;
        this.#highestOut = out;
        this.#assign(packet, out, this.#run);
        this.#record(out, extended);
        this.#remember(nowMs);
        return true;
      }
      this.#running = false;
    }
    if (source !== (this.#pending ?? this.#current)) return false;
    if (!packet.keyFrame || packet.payload.length === 0 || extended < source.highest) return false;
    this.#start(source, packet, nowMs);
    return true;
  }

  /**
   * Finds the packet sent as 16-bit `sequence`, for a retransmission, and sets the numbers it had; undefined when
   * it is not kept any more or was already recalled less than `minIntervalMs` ago.
   */
  recall(sequence: number, nowMs: number, minIntervalMs: number): StoredPacket | undefined {
    const out = extendSequence(sequence, this.#highestOut);
    const slot = out & this.#mask;
    if (this.#outs[slot] !== out) return undefined;
    const runId = this.#runIds[slot] ?? -1;
    const run = this.#runs[runId % keptRuns];
    if (run?.id !== runId) return undefined;
    const packet = run.source?.find(this.#ins[slot] ?? -1);
    if (packet === undefined) return undefined;
    if (nowMs - (this.#resentMs[slot] ?? 0) < minIntervalMs) return undefined;
    this.#resentMs[slot] = nowMs;
    this.#assign(packet, out, run);
    return packet;
  }

  #start(source: PacketHistory, packet: StoredPacket, nowMs: number): void {
    const before = this.#run;
    const id = this.#runCount++;
    const run = this.#runs[id % keptRuns] ?? before;
    const same = before.source === source;
    let timestampOffset = before.timestampOffset;
    const elapsed = id === 0 ? 0 : Math.max(1, Math.round((nowMs - this.#lastMs) * this.#ticksPerMs));
    // The same source going on keeps its own clock, unless that would not move forward.
    if (!same || timestampDelta(packet.timestamp + timestampOffset, this.#lastTimestamp) <= 0) {
      timestampOffset = (this.#lastTimestamp + elapsed - packet.timestamp) >>> 0;
    }
    run.id = id;
    run.source = source;
    run.firstIn = packet.extended;
    run.timestampOffset = timestampOffset;
    run.pictureIdOffset =
      packet.pictureId < 0 || this.#lastPictureId < 0 ? 0 : this.#lastPictureId + 1 - packet.pictureId;
    run.tl0Offset = packet.tl0PicIdx < 0 || this.#lastTl0 < 0 ? 0 : this.#lastTl0 + 1 - packet.tl0PicIdx;
    this.#run = run;
    this.#current = source;
    this.#pending = undefined;
    this.#running = true;
    this.#skips.clear();
    this.#highestIn = packet.extended;
    this.#highestOut++;
    this.#offset = this.#highestOut - packet.extended;
    this.#assign(packet, this.#highestOut, run);
    // Sound that sets in again is a new talkspurt (RFC 3551 §4.1).
    if (source.codec === 'other') this.marker = true;
    this.#record(this.#highestOut, packet.extended);
    this.#remember(nowMs);
  }

  /** A packet at or behind the newest: it gets the number that was left for it, once. */
  #rewriteLate(packet: StoredPacket): boolean {
    const extended = packet.extended;
    if (extended < this.#run.firstIn) return false;
    const skipped = this.#skips.countAfter(extended);
    if (skipped < 0) return false;
    const out = extended + this.#offset + skipped;
    if (this.#highestOut - out >= this.#capacity) return false;
    if (this.#outs[out & this.#mask] === out) return false;
    // Padding only: its number is already spoken for, so the empty packet must go out to close the hole.
    this.#assign(packet, out, this.#run);
    this.#record(out, extended);
    return true;
  }

  #assign(packet: StoredPacket, out: number, run: Run): void {
    this.sequence = out & 0xffff;
    this.timestamp = (packet.timestamp + run.timestampOffset) >>> 0;
    this.marker = packet.marker;
    const bits = packet.pictureIdBits;
    this.pictureId =
      bits === 0 ? -1 : (packet.pictureId + run.pictureIdOffset) & (bits === 15 ? 0x7fff : 0x7f);
    this.tl0PicIdx = packet.tl0PicIdxAt < 0 ? -1 : (packet.tl0PicIdx + run.tl0Offset) & 0xff;
  }

  #record(out: number, extended: number): void {
    const slot = out & this.#mask;
    this.#outs[slot] = out;
    this.#ins[slot] = extended;
    this.#runIds[slot] = this.#run.id;
    this.#resentMs[slot] = -Infinity;
  }

  #remember(nowMs: number): void {
    this.#lastTimestamp = this.timestamp;
    this.#lastMs = nowMs;
    if (this.pictureId >= 0) this.#lastPictureId = this.pictureId;
    if (this.tl0PicIdx >= 0) this.#lastTl0 = this.tl0PicIdx;
  }
}
