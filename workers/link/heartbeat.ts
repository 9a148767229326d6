// Owns what the two ends of a link tell each other of the link itself, whether it carries anything or not: a sender report
// under an SSRC of its own, which answers the other end's, so that both know the round trip and that the other one lives.
import { compactNtp, msToCompact, ntpHigh, ntpLow } from '../rtp/ntp.ts';
import type { ReportBlock, SenderReport } from '../rtp/rtcp-packet.ts';
import type { RtcpWriter } from '../rtp/rtcp-writer.ts';
import { SendStats } from '../rtp/send-stats.ts';

export class Heartbeat {
  readonly #own: number;
  readonly #peer: number;
  readonly #stats = new SendStats();
  #heardSr = 0;
  #heardMs = 0;

  /** SSRCs under which the two ends report. */
  constructor(own: number, peer: number) {
    this.#own = own;
    this.#peer = peer;
  }

  /** Undefined before the other end has answered. */
  get rttMs(): number | undefined {
    return this.#stats.rttMs < 0 ? undefined : this.#stats.rttMs;
  }

  write(writer: RtcpWriter, nowMs: number): boolean {
    const report = {
      ssrc: this.#own,
      ntpHigh: ntpHigh(nowMs),
      ntpLow: ntpLow(nowMs),
      rtpTimestamp: 0,
      packets: 0,
      octets: 0,
    };
    this.#stats.senderReport(report.ntpHigh, report.ntpLow, nowMs);
    return writer.senderReport(report, this.#heardSr === 0 ? [] : [this.#answer(nowMs)]);
  }

  /** False for a report that is not the other end's own. */
  heard(report: SenderReport, nowMs: number): boolean {
    if (report.ssrc !== this.#peer) return false;
    this.#heardSr = compactNtp(report.ntpHigh, report.ntpLow);
    this.#heardMs = nowMs;
    for (const block of report.reports) {
      if (block.ssrc === this.#own) this.#stats.receiverReport(block, nowMs);
    }
    return true;
  }

  #answer(nowMs: number): ReportBlock {
    return {
      ssrc: this.#peer,
      fractionLost: 0,
      packetsLost: 0,
      highestSequence: 0,
      jitter: 0,
      lastSr: this.#heardSr,
      delaySinceLastSr: msToCompact(nowMs - this.#heardMs),
    };
  }
}
