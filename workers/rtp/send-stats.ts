// Owns what a sender knows of one outgoing stream: packets and octets sent, and loss, jitter and round-trip time from
// the receiver's reports (RFC 3550 §6.4.1).
import { compactNtp, compactToMs } from './ntp.ts';
import type { ReportBlock } from './rtcp-packet.ts';

const keptReports = 8;

export class SendStats {
  packets = 0;
  /** Payload bytes, as a sender report counts them. */
  octets = 0;
  /** Smoothed; -1: not known yet. */
  rttMs = -1;
  /** 0…1 in the receiver's last interval. */
  fractionLost = 0;
  packetsLost = 0;
  /** In RTP ticks. */
  jitter = 0;
  /** Our recent sender reports (compact NTP) and when they left: a relayed NTP time is not our own clock. */
  readonly #reports = new Float64Array(keptReports).fill(-1);
  readonly #sentMs = new Float64Array(keptReports);
  #count = 0;

  sent(payloadBytes: number): void {
    this.packets++;
    this.octets += payloadBytes;
  }

  senderReport(ntpHigh: number, ntpLow: number, nowMs: number): void {
    const slot = this.#count++ % keptReports;
    this.#reports[slot] = compactNtp(ntpHigh, ntpLow);
    this.#sentMs[slot] = nowMs;
  }

  /** Takes in a receiver's block about this stream. */
  receiverReport(block: ReportBlock, nowMs: number): void {
    this.fractionLost = block.fractionLost / 256;
    this.packetsLost = block.packetsLost;
    this.jitter = block.jitter;
    if (block.lastSr === 0) return;
    const slot = this.#reports.indexOf(block.lastSr);
    if (slot < 0) return;
    const rttMs = nowMs - (this.#sentMs[slot] ?? nowMs) - compactToMs(block.delaySinceLastSr);
    // A receiver that claims to have waited longer than the whole way took has a coarse clock.
    const measured = Math.max(0, rttMs);
    this.rttMs = this.rttMs < 0 ? measured : this.rttMs + (measured - this.rttMs) / 8;
  }
}
