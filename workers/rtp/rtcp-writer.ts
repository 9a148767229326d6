// Owns writing compound RTCP packets into one buffer that is used again (RFC 3550 §6, RFC 4585, RFC 5104, REMB).
// Reading them is rtcp.ts. Transport-cc feedback is made whole by twcc-recorder.ts.
import { writeUint16, writeUint24, writeUint32 } from './bytes.ts';
import type { ReportBlock } from './rtcp-packet.ts';
import { sequenceDelta } from './sequence.ts';

const maxReports = 31;
const rembName = 0x52454d42;
const maxMantissa = 0x3ffff;

/** Every writing method gives false, and writes nothing, when what is asked does not fit any more. */
export class RtcpWriter {
  readonly #target: Uint8Array;
  #length = 0;

  /** Writes into `target`, by default 1200 bytes of its own. */
  constructor(target: Uint8Array = new Uint8Array(1200)) {
    this.#target = target;
  }

  get length(): number {
    return this.#length;
  }

  /** What was written since the last `reset`: a view, overwritten later. Copy it to keep it. */
  get bytes(): Uint8Array {
    return this.#target.subarray(0, this.#length);
  }

  reset(): this {
    this.#length = 0;
    return this;
  }

  /** At most 31 report blocks. */
  senderReport(
    report: {
      readonly ssrc: number;
      readonly ntpHigh: number;
      readonly ntpLow: number;
      readonly rtpTimestamp: number;
      readonly packets: number;
      readonly octets: number;
    },
    reports: readonly ReportBlock[] = [],
  ): boolean {
    if (reports.length > maxReports) return false;
    const at = this.#open(200, reports.length, 28 + reports.length * 24);
    if (at < 0) return false;
    const target = this.#target;
    writeUint32(target, at + 4, report.ssrc);
    writeUint32(target, at + 8, report.ntpHigh);
    writeUint32(target, at + 12, report.ntpLow);
    writeUint32(target, at + 16, report.rtpTimestamp);
    writeUint32(target, at + 20, report.packets);
    writeUint32(target, at + 24, report.octets);
    this.#reports(at + 28, reports);
    return true;
  }

  /** At most 31 report blocks; none is right for "I receive nothing". */
  receiverReport(ssrc: number, reports: readonly ReportBlock[]): boolean {
    if (reports.length > maxReports) return false;
    const at = this.#open(201, reports.length, 8 + reports.length * 24);
    if (at < 0) return false;
    writeUint32(this.#target, at + 4, ssrc);
    this.#reports(at + 8, reports);
    return true;
  }

  /** SDES with one CNAME of at most 255 ASCII characters. */
  sourceDescription(ssrc: number, cname: string): boolean {
    if (cname.length > 255) return false;
    // The item list ends with at least one zero byte, filled up to 32 bits.
    const chunk = (4 + 2 + cname.length + 4) & ~3;
    const at = this.#open(202, 1, 4 + chunk);
    if (at < 0) return false;
    const target = this.#target;
    target.fill(0, at + 4, at + 4 + chunk);
    writeUint32(target, at + 4, ssrc);
    target[at + 8] = 1;
    target[at + 9] = cname.length;
    for (let index = 0; index < cname.length; index++)
      target[at + 10 + index] = cname.charCodeAt(index) & 0x7f;
    return true;
  }

  bye(ssrcs: readonly number[]): boolean {
    if (ssrcs.length > maxReports) return false;
    const at = this.#open(203, ssrcs.length, 4 + ssrcs.length * 4);
    if (at < 0) return false;
    ssrcs.forEach((ssrc, index) => writeUint32(this.#target, at + 4 + index * 4, ssrc));
    return true;
  }

  /** Generic NACK for `sequences` in rising order; those that follow within 16 share one entry. */
  nack(senderSsrc: number, mediaSsrc: number, sequences: readonly number[]): boolean {
    const entries: number[] = [];
    let first = 0;
    let following = 0;
    let open = false;
    for (const sequence of sequences) {
      const distance = sequenceDelta(sequence, first);
      if (open && distance >= 0 && distance <= 16) {
        if (distance > 0) following |= 1 << (distance - 1);
        continue;
      }
      if (open) entries.push(first, following);
      first = sequence;
      following = 0;
      open = true;
    }
    if (!open) return true;
    entries.push(first, following);
    const at = this.#feedback(205, 1, senderSsrc, mediaSsrc, entries.length * 2);
    if (at < 0) return false;
    entries.forEach((entry, index) => writeUint16(this.#target, at + index * 2, entry));
    return true;
  }

  pli(senderSsrc: number, mediaSsrc: number): boolean {
    return this.#feedback(206, 1, senderSsrc, mediaSsrc, 0) >= 0;
  }

  /** Full intra request with one entry; `sequence` (8 bits) goes up by one with every new request. */
  fir(senderSsrc: number, mediaSsrc: number, sequence: number): boolean {
    const at = this.#feedback(206, 4, senderSsrc, 0, 8);
    if (at < 0) return false;
    writeUint32(this.#target, at, mediaSsrc);
    writeUint32(this.#target, at + 4, (sequence & 0xff) << 24);
    return true;
  }

  /** Receiver estimated maximum bitrate in bit/s for at most 255 `ssrcs`, rounded down to 18 significant bits. */
  remb(senderSsrc: number, bitrateBps: number, ssrcs: readonly number[]): boolean {
    if (ssrcs.length > 255) return false;
    const at = this.#feedback(206, 15, senderSsrc, 0, 8 + ssrcs.length * 4);
    if (at < 0) return false;
    let mantissa = Math.max(0, Math.floor(bitrateBps));
    let exponent = 0;
    while (mantissa > maxMantissa && exponent < 63) {
      mantissa = Math.floor(mantissa / 2);
      exponent++;
    }
    const target = this.#target;
    writeUint32(target, at, rembName);
    target[at + 4] = ssrcs.length;
    writeUint24(target, at + 5, (exponent << 18) | Math.min(mantissa, maxMantissa));
    ssrcs.forEach((ssrc, index) => writeUint32(target, at + 8 + index * 4, ssrc));
    return true;
  }

  /** Begins a packet of `size` bytes (a multiple of 4); its offset, or -1. */
  #open(type: number, count: number, size: number): number {
    const at = this.#length;
    if (at + size > this.#target.length) return -1;
    this.#target[at] = 0x80 | count;
    this.#target[at + 1] = type;
    writeUint16(this.#target, at + 2, (size >> 2) - 1);
    this.#length = at + size;
    return at;
  }

  /** Begins a feedback packet with `size` bytes of control information; the offset of that, or -1. */
  #feedback(type: number, format: number, senderSsrc: number, mediaSsrc: number, size: number): number {
    const at = this.#open(type, format, 12 + size);
    if (at < 0) return -1;
    writeUint32(this.#target, at + 4, senderSsrc);
    writeUint32(this.#target, at + 8, mediaSsrc);
    return at + 12;
  }

  #reports(start: number, reports: readonly ReportBlock[]): void {
    const target = this.#target;
    let at = start;
    for (const report of reports) {
      writeUint32(target, at, report.ssrc);
      target[at + 4] = report.fractionLost;
      writeUint24(target, at + 5, Math.max(-0x800000, Math.min(0x7fffff, report.packetsLost)));
      writeUint32(target, at + 8, report.highestSequence);
      writeUint32(target, at + 12, report.jitter);
      writeUint32(target, at + 16, report.lastSr);
      writeUint32(target, at + 20, report.delaySinceLastSr);
      at += 24;
    }
  }
}
