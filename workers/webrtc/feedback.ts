// Owns writing the RTCP one peer sends: requests and reports about what it publishes, sender reports for what it is sent.
import { RtcpWriter } from '../rtp/rtcp.ts';
import type { Source, SourceFeedback } from '../routing/source.ts';

const packetBytes = 1200;
/** RFC 3550 §6.4.2: report blocks in one packet. */
const maxBlocks = 31;
/** Room one sender report with its CNAME may need. */
const senderReportBytes = 340;

/** What writes a sender report of its own when it has one. */
export interface Reporting {
  writeReport(writer: RtcpWriter, nowMs: number): boolean;
}

export class Feedback implements SourceFeedback {
  readonly #ssrc: number;
  readonly #send: (packet: Buffer) => boolean;
  readonly #bytes = Buffer.alloc(packetBytes);
  readonly #writer = new RtcpWriter(this.#bytes);

  /** `ssrc` is ours as a receiver. */
  constructor(ssrc: number, send: (packet: Buffer) => boolean) {
    this.#ssrc = ssrc;
    this.#send = send;
  }

  nack(ssrc: number, sequences: readonly number[]): void {
    this.#begin().nack(this.#ssrc, ssrc, sequences);
    this.#flush();
  }

  pli(ssrc: number): void {
    this.#begin().pli(this.#ssrc, ssrc);
    this.#flush();
  }

  receiverReports(sources: readonly Source[], nowMs: number): void {
    const blocks = sources.flatMap((source) => source.report(nowMs) ?? []);
    for (let at = 0; at < blocks.length; at += maxBlocks) {
      this.#writer.reset().receiverReport(this.#ssrc, blocks.slice(at, at + maxBlocks));
      this.#flush();
    }
  }

  senderReports(senders: readonly Reporting[], nowMs: number): void {
    this.#writer.reset();
    for (const sender of senders) {
      if (this.#writer.length + senderReportBytes > packetBytes) this.#flush();
      sender.writeReport(this.#writer, nowMs);
    }
    this.#flush();
  }

  /** A compound begins with a report, even one that says nothing (RFC 3550 §6.1). */
  #begin(): RtcpWriter {
    this.#writer.reset().receiverReport(this.#ssrc, []);
    return this.#writer;
  }

  #flush(): void {
    if (this.#writer.length > 0) this.#send(this.#bytes.subarray(0, this.#writer.length));
    this.#writer.reset();
  }
}
