// Owns what a receiver reports about one incoming stream: loss, jitter, highest sequence (RFC 3550 §6.4.1, A.3, A.8).
// Retransmissions are not to be counted here: they belong to their own stream (RFC 4588).
import { compactNtp, msToCompact } from './ntp.ts';
import type { ReportBlock } from './rtcp-packet.ts';
import { timestampDelta } from './sequence.ts';
import { firstCycle, SequenceUnwrapper } from './sequence-unwrapper.ts';

export class ReceiveStats {
  readonly ssrc: number;
  /** RTP packets and bytes (whole packets) received. */
  packets = 0;
  bytes = 0;
  readonly #ticksPerMs: number;
  readonly #unwrapper = new SequenceUnwrapper();
  #restarts = 0;
  #base = 0;
  #counted = 0;
  #expectedBefore = 0;
  #countedBefore = 0;
  #fractionLost = 0;
  #jitter = 0;
  #lastTimestamp = 0;
  #lastArrivalMs = 0;
  #lastSr = 0;
  #lastSrMs = 0;

  /** `clockRate` in RTP ticks per second. */
  constructor(ssrc: number, clockRate: number) {
    this.ssrc = ssrc;
    this.#ticksPerMs = clockRate / 1000;
  }

  /** Counts a packet of `size` bytes; duplicates count as received, as the RFC says. */
  received(sequence: number, timestamp: number, nowMs: number, size: number): void {
    this.packets++;
    this.bytes += size;
    const before = this.#unwrapper.highest;
    const extended = this.#unwrapper.unwrap(sequence);
    if (extended < 0) return;
    if (before < 0 || this.#unwrapper.restarts !== this.#restarts) {
      this.#restart(extended);
    } else if (extended > before && timestamp !== this.#lastTimestamp) {
      // Late packets and further packets of the same frame say nothing about the network's jitter.
      const transit =
        (nowMs - this.#lastArrivalMs) * this.#ticksPerMs - timestampDelta(timestamp, this.#lastTimestamp);
      this.#jitter += (Math.abs(transit) - this.#jitter) / 16;
    }
    this.#counted++;
    if (extended === this.#unwrapper.highest && timestamp !== this.#lastTimestamp) {
      this.#lastTimestamp = timestamp;
      this.#lastArrivalMs = nowMs;
    }
  }

  /** Notes the sender report that the next blocks refer to. */
  senderReport(ntpHigh: number, ntpLow: number, nowMs: number): void {
    this.#lastSr = compactNtp(ntpHigh, ntpLow);
    this.#lastSrMs = nowMs;
  }

  get jitterMs(): number {
    return this.#jitter / this.#ticksPerMs;
  }

  /** Packets expected and not received so far; negative with duplicates. */
  get packetsLost(): number {
    return this.#expected() - this.#counted;
  }

  /** Share of packets lost in the interval before the last `report`, 0…1. */
  get fractionLost(): number {
    return this.#fractionLost / 256;
  }

  /** The block for a report sent now, and the start of the next interval; undefined before the first packet. */
  report(nowMs: number): ReportBlock | undefined {
    const highest = this.#unwrapper.highest;
    if (highest < 0) return undefined;
    const expected = this.#expected();
    const inInterval = expected - this.#expectedBefore;
    const lost = inInterval - (this.#counted - this.#countedBefore);
    this.#expectedBefore = expected;
    this.#countedBefore = this.#counted;
    this.#fractionLost = lost <= 0 ? 0 : Math.min(255, Math.floor((lost * 256) / inInterval));
    return {
      ssrc: this.ssrc,
      fractionLost: this.#fractionLost,
      packetsLost: Math.max(-0x800000, Math.min(0x7fffff, expected - this.#counted)),
      highestSequence: (highest - firstCycle) >>> 0,
      jitter: Math.min(0xffffffff, Math.round(this.#jitter)),
      lastSr: this.#lastSr,
      delaySinceLastSr: this.#lastSr === 0 ? 0 : msToCompact(nowMs - this.#lastSrMs),
    };
  }

  #expected(): number {
    return this.#unwrapper.highest < 0 ? 0 : this.#unwrapper.highest - this.#base + 1;
  }

  #restart(extended: number): void {
    this.#restarts = this.#unwrapper.restarts;
    this.#base = extended;
    this.#counted = 0;
    this.#expectedBefore = 0;
    this.#countedBefore = 0;
    this.#lastTimestamp = -1;
  }
}
