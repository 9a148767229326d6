// Owns when each packet of one incoming audio stream is played, and what is played where one is missing. Sans-IO: one tick
// is 20 ms of the listener's clock; the delay follows the network's jitter. Decoding is the caller's.
import { extendTimestamp } from '../rtp/sequence.ts';
import { SequenceUnwrapper } from '../rtp/sequence-unwrapper.ts';
import { ArrivalDelay } from './arrival-delay.ts';
import type { AudioDepacketizer } from './audio-frame.ts';
import { AudioQueue, type QueuedAudio } from './audio-queue.ts';
import { playedTicks, type AudioStep } from './audio-steps.ts';
import type { MediaPacket } from './media-packet.ts';

export interface AudioJitterBufferOptions {
  readonly depacketizer: AudioDepacketizer;
  readonly minDelayMs?: number;
  readonly maxDelayMs?: number;
  readonly maxPackets?: number;
}

export interface AudioJitterBufferStats {
  /** Packets played. */
  readonly played: number;
  /** Times that sound was invented for what was lost or too late. */
  readonly concealed: number;
  /** Times that lost sound came from in-band FEC. */
  readonly recovered: number;
  /** Packets that came after their time. */
  readonly late: number;
  readonly duplicates: number;
  /** Packets that are not of the codec. */
  readonly malformed: number;
  /** Packets thrown away, and ticks put in, to follow the target. */
  readonly skipped: number;
  readonly stretched: number;
  /** Packets let go because there were too many. */
  readonly overflowed: number;
  /** Delay over the fastest packets: wanted, and at the last tick. */
  readonly targetMs: number;
  readonly delayMs: number;
}

/**
 * `filling`: silence until the next packet is due; also while the sender is silent, so that the delay is put right
 * where nobody hears it.
 */
type Playing = 'idle' | 'filling' | 'playing';

const tickMs = 20;
const defaultMinDelayMs = 20;
const defaultMaxDelayMs = 200;
/** About the tick's own unsteadiness. */
const marginMs = 5;
/** Invented sound gets unbearable after this. */
const maxConcealMs = 160;
/** Above or below the target by more than this, for so long: act, but not more often than this. */
const toleranceMs = 20;
const lowToleranceMs = 15;
const patienceMs = 300;
const adjustEveryMs = 200;
/** So far behind that catching up must be quick. */
const farBehindMs = 120;
const farBehindEveryMs = 40;
/** Media time and arrival may drift apart by this much from packet to packet before it is another stream. */
const maxDriftMs = 2000;
const maxSteps = 32;
const nothing = { played: 0, concealed: 0, recovered: 0, late: 0, duplicates: 0, malformed: 0 };

export class AudioJitterBuffer {
  readonly #depacketizer: AudioDepacketizer;
  readonly #minDelayMs: number;
  readonly #maxDelayMs: number;
  readonly #ticksPerMs: number;
  readonly #tickTicks: number;
  /** 2.5 ms: decoders conceal in multiples of it. */
  readonly #quantum: number;
  readonly #queue: AudioQueue;
  readonly #arrival = new ArrivalDelay();
  #unwrapper = new SequenceUnwrapper();
  #restarts = 0;
  #ssrc = -1;
  #state: Playing = 'idle';
  #newest = { timestamp: 0, arrivedMs: 0 };
  #foreign = 0;
  /** Extended timestamp of what plays next, and sequence number of what played last. */
  #position = 0;
  #lastSequence = -1;
  #lastWasDtx = false;
  /** Ticks given beyond the last tick's end. */
  #ahead = 0;
  /** Ticks invented while nothing was there; the position stood still meanwhile. */
  #starved = 0;
  /** Ticks invented in a row. */
  #concealing = 0;
  #delayMs = 0;
  #offSinceMs = -1;
  #adjustedMs = -Infinity;
  #stats = { ...nothing, skipped: 0, stretched: 0, overflowed: 0 };

  constructor(options: AudioJitterBufferOptions) {
    this.#depacketizer = options.depacketizer;
    this.#minDelayMs = options.minDelayMs ?? defaultMinDelayMs;
    this.#maxDelayMs = options.maxDelayMs ?? defaultMaxDelayMs;
    this.#ticksPerMs = options.depacketizer.clockRate / 1000;
    this.#tickTicks = tickMs * this.#ticksPerMs;
    this.#quantum = this.#tickTicks / 8;
    this.#queue = new AudioQueue(options.maxPackets ?? 128);
  }

  get stats(): AudioJitterBufferStats {
    return { ...this.#stats, targetMs: this.targetMs, delayMs: this.#delayMs };
  }

  get packets(): number {
    return this.#queue.length;
  }

  /** Extended RTP timestamp of the sound that the next tick begins with. */
  get position(): number {
    return this.#position - this.#ahead;
  }

  get targetMs(): number {
    return Math.min(this.#maxDelayMs, Math.max(this.#minDelayMs, this.#arrival.nearlyAllMs + marginMs));
  }

  /** Takes a packet in. Another SSRC, or a sender that starts over, begins a new stream. */
  insert(packet: MediaPacket, nowMs: number): void {
    if (packet.payload.length === 0) return;
    if (packet.ssrc !== this.#ssrc) {
      this.#ssrc = packet.ssrc;
      this.#unwrapper = new SequenceUnwrapper();
      this.#restarts = 0;
      this.#restart();
    }
    const frame = this.#depacketizer.depacketize(packet);
    if (frame === undefined) {
      this.#stats.malformed++;
      return;
    }
    const sequence = this.#unwrapper.unwrap(packet.sequence);
    if (sequence < 0) return;
    if (this.#unwrapper.restarts !== this.#restarts) {
      this.#restarts = this.#unwrapper.restarts;
      this.#restart();
    }
    const timestamp = this.#extend(packet.timestamp, nowMs);
    if (timestamp === undefined) return;
    this.#arrival.arrived(timestamp / this.#ticksPerMs, nowMs);
    if (
      sequence <= this.#lastSequence ||
      (this.#state === 'playing' && timestamp + frame.durationTicks <= this.#position)
    ) {
      this.#stats.late++;
      return;
    }
    const put = this.#queue.put({ frame, sequence, timestamp });
    if (put === 'double') this.#stats.duplicates++;
    if (put === 'full') this.#stats.overflowed++;
  }

  /**
   * What to do for the next 20 ms, in order; call every 20 ms, and once more for each tick missed. Together with what
   * earlier steps gave too much the steps give at least 20 ms: none when a longer packet still lasts.
   */
  tick(nowMs: number): readonly AudioStep[] {
    const steps: AudioStep[] = [];
    let needed = this.#tickTicks - this.#ahead;
    if (this.#state === 'playing' && needed > 0) this.#follow(steps, nowMs);
    while (needed > playedIn(steps) && steps.length < maxSteps) {
      steps.push(this.#step(needed - playedIn(steps), nowMs));
    }
    needed -= playedIn(steps);
    this.#ahead = Math.max(0, -needed);
    return steps;
  }

  /** One step of at most about `needed` ticks, a packet excepted. */
  #step(needed: number, nowMs: number): AudioStep {
    this.#dropPassed();
    if (this.#state !== 'playing') this.#dropStale(nowMs);
    const { head } = this.#queue;
    if (this.#state !== 'playing') {
      if (head === undefined || this.#delayOf(head.timestamp, nowMs) < this.targetMs)
        return this.#silence(needed);
      this.#state = 'playing';
      this.#position = head.timestamp;
      this.#starved = 0;
      this.#concealing = 0;
    }
    if (head === undefined) return this.#starve(needed);
    let gap = head.timestamp - this.#position;
    if (gap > 0 && this.#starved > 0) {
      this.#position += Math.min(gap, this.#starved);
      gap = head.timestamp - this.#position;
    }
    this.#starved = 0;
    if (gap <= 0) return this.#play(head);
    if (head.sequence === this.#lastSequence + 1 || this.#concealing >= maxConcealMs * this.#ticksPerMs) {
      // Nothing is missing, the sender was silent; or so much is missing that silence is better.
      this.#state = 'filling';
      return this.#silence(needed);
    }
    return this.#fill(head, gap, needed);
  }

  #play(head: QueuedAudio): AudioStep {
    this.#queue.take();
    this.#position = head.timestamp + head.frame.durationTicks;
    this.#lastSequence = head.sequence;
    this.#lastWasDtx = head.frame.dtx;
    this.#concealing = 0;
    this.#stats.played++;
    return { type: 'packet', frame: head.frame };
  }

  /** The `gap` before `head` was lost. */
  #fill(head: QueuedAudio, gap: number, needed: number): AudioStep {
    const fecTicks = head.frame.hasFec ? Math.min(head.frame.durationTicks, this.#tickTicks) : 0;
    if (gap <= fecTicks) {
      this.#position = head.timestamp;
      this.#stats.recovered++;
      return { type: 'fec', frame: head.frame, durationTicks: this.#whole(gap) };
    }
    const ticks = Math.min(gap - fecTicks, needed);
    this.#position += ticks;
    return this.#conceal(ticks);
  }

  /** Nothing is there: the sender stopped, or the network did. */
  #starve(needed: number): AudioStep {
    if (this.#lastWasDtx || this.#concealing >= maxConcealMs * this.#ticksPerMs) {
      this.#state = 'filling';
      return this.#silence(needed);
    }
    this.#starved += needed;
    return this.#conceal(needed);
  }

  #conceal(ticks: number): AudioStep {
    this.#concealing += ticks;
    this.#stats.concealed++;
    return { type: 'conceal', durationTicks: this.#whole(ticks), reason: 'lost' };
  }

  #silence(ticks: number): AudioStep {
    return { type: 'silence', durationTicks: this.#whole(ticks) };
  }

  /** Drops or puts in a little where the delay is off its target for long. */
  #follow(steps: AudioStep[], nowMs: number): void {
    const { head, second } = this.#queue;
    this.#delayMs = this.#delayOf(this.#position - this.#ahead, nowMs);
    const offMs = this.#delayMs - this.targetMs;
    if (offMs <= toleranceMs && offMs >= -lowToleranceMs) {
      this.#offSinceMs = -1;
      return;
    }
    if (this.#offSinceMs < 0) this.#offSinceMs = nowMs;
    // Where nothing is there to play, sound is invented anyway.
    if (head === undefined || head.timestamp > this.#position) return;
    const far = offMs > farBehindMs;
    const sinceMs = nowMs - this.#adjustedMs;
    const patient = nowMs - this.#offSinceMs >= patienceMs || far || head.frame.dtx;
    if (!patient || sinceMs < (far ? farBehindEveryMs : adjustEveryMs)) return;
    if (offMs < 0) {
      this.#stats.stretched++;
      this.#adjustedMs = nowMs;
      steps.push({ type: 'conceal', durationTicks: this.#tickTicks, reason: 'stretch' });
    } else if (second !== undefined && offMs * this.#ticksPerMs >= head.frame.durationTicks) {
      this.#play(head);
      this.#stats.played--;
      this.#stats.skipped++;
      this.#adjustedMs = nowMs;
      steps.push({ type: 'skip', frame: head.frame });
    }
  }

  #dropPassed(): void {
    if (this.#state !== 'playing') return;
    for (let { head } = this.#queue; head !== undefined; { head } = this.#queue) {
      if (head.timestamp + head.frame.durationTicks > this.#position) return;
      this.#queue.take();
      this.#lastSequence = Math.max(this.#lastSequence, head.sequence);
      this.#stats.late++;
    }
  }

  /** Where playing begins with a burst of packets that waited on their way, it begins near the target. */
  #dropStale(nowMs: number): void {
    for (let { second } = this.#queue; second !== undefined; { second } = this.#queue) {
      if (this.#delayOf(second.timestamp, nowMs) < this.targetMs + toleranceMs) return;
      const stale = this.#queue.take();
      this.#lastSequence = Math.max(this.#lastSequence, stale?.sequence ?? -1);
      this.#stats.late++;
    }
  }

  /** How long after the fastest way here the sound of `timestamp` is (or would be) played now. */
  #delayOf(timestamp: number, nowMs: number): number {
    return nowMs - timestamp / this.#ticksPerMs - this.#arrival.fastestMs;
  }

  #extend(timestamp: number, nowMs: number): number | undefined {
    if (this.#newest.timestamp === 0) {
      this.#newest = { timestamp: 2 ** 32 + timestamp, arrivedMs: nowMs };
      this.#state = 'filling';
      return this.#newest.timestamp;
    }
    const extended = extendTimestamp(timestamp, this.#newest.timestamp);
    const aheadMs = (extended - this.#newest.timestamp) / this.#ticksPerMs;
    if (Math.abs(aheadMs - (nowMs - this.#newest.arrivedMs)) > maxDriftMs) {
      // One such packet may be garbage; two are a sender whose clock jumped.
      if (++this.#foreign < 2) return undefined;
      const lastSequence = this.#lastSequence;
      this.#restart();
      this.#lastSequence = lastSequence;
      return this.#extend(timestamp, nowMs);
    }
    this.#foreign = 0;
    if (extended > this.#newest.timestamp) this.#newest = { timestamp: extended, arrivedMs: nowMs };
    return extended;
  }

  #restart(): void {
    this.#queue.clear();
    this.#arrival.rebase();
    this.#state = 'idle';
    this.#newest = { timestamp: 0, arrivedMs: 0 };
    this.#foreign = 0;
    this.#lastSequence = -1;
    this.#lastWasDtx = false;
    this.#starved = 0;
    this.#concealing = 0;
    this.#offSinceMs = -1;
  }

  #whole(ticks: number): number {
    return Math.ceil(ticks / this.#quantum) * this.#quantum;
  }
}

function playedIn(steps: readonly AudioStep[]): number {
  return steps.reduce((sum, step) => sum + playedTicks(step), 0);
}
