// Owns turning a source's sender report into one for a sink: same wall clock, the sink's timestamps and counts.
import type { SenderReport } from './rtcp-packet.ts';

/** A source's latest sender report and when it came. */
export interface HeardReport {
  readonly report: SenderReport;
  readonly receivedMs: number;
  /** RTP ticks per second. */
  readonly clockRate: number;
}

/** What the sink puts in place of the source's. */
export interface SinkReport {
  readonly ssrc: number;
  /** `Rewriter.timestampOffset`. */
  readonly timestampOffset: number;
  readonly packets: number;
  readonly octets: number;
}

const fraction = 0x100000000;

/** The report to send to the sink now: both of the source's clocks are carried on by the time since it was heard. */
export function relaySenderReport(heard: HeardReport, sink: SinkReport, nowMs: number): SenderReport {
  const elapsedMs = Math.max(0, nowMs - heard.receivedMs);
  const low = heard.report.ntpLow + ((elapsedMs % 1000) / 1000) * fraction;
  const seconds = Math.floor(elapsedMs / 1000) + (low >= fraction ? 1 : 0);
  const ticks = Math.round((elapsedMs * heard.clockRate) / 1000);
  return {
    type: 'sender-report',
    ssrc: sink.ssrc,
    ntpHigh: (heard.report.ntpHigh + seconds) >>> 0,
    ntpLow: Math.floor(low) >>> 0,
    rtpTimestamp: (heard.report.rtpTimestamp + sink.timestampOffset + ticks) >>> 0,
    packets: sink.packets >>> 0,
    octets: sink.octets >>> 0,
    reports: [],
  };
}
