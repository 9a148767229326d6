// Owns one output of a mixer: the source that stands for it in the room's router, its packets, and the sender reports that
// tie its timestamps to the clock.
import type { Unsubscribe } from '../../schemas/bus.ts';
import type { Kind } from '../../schemas/media.ts';
import { writeUint16, writeUint32 } from '../rtp/bytes.ts';
import { ntpHigh, ntpLow } from '../rtp/ntp.ts';
import { parseRtp, RtpHeader } from '../rtp/packet.ts';
import type { Payload } from '../routing/payload.ts';
import { Source } from '../routing/source.ts';
import { headRoomBytes, type PackedFrame } from './messages.ts';

export interface OutputOptions {
  readonly track: string;
  readonly kind: Kind;
  readonly payload: Payload;
  readonly ssrc: number;
  readonly firstSequence: number;
  /** A sink needs a key frame. */
  readonly keyFrame: () => void;
  readonly nowMs: () => number;
  readonly after: (ms: number, callback: () => void) => Unsubscribe;
}

const reportEveryMs = 1000;
/** A subscriber that joins must not wait long for its picture; the pipeline limits what this costs. */
const keyFrameEveryMs = 150;
/** A large frame to many subscribers would hold up everything else: it goes out in parts. */
const packetsAtOnce = 12;
const partEveryMs = 2;
const maxWaiting = 512;

const header = new RtpHeader();

export class Output {
  readonly source: Source;
  readonly #options: OutputOptions;
  #sequence: number;
  #packets = 0;
  #octets = 0;
  #last: { readonly atMs: number; readonly timestamp: number } | undefined;
  #reportedMs = -Infinity;
  /** Packets of a large frame, and what came after it, oldest first. */
  #waiting: Uint8Array[] = [];
  #cancel: Unsubscribe | undefined;

  constructor(options: OutputOptions) {
    const { track, kind, payload, ssrc, keyFrame, firstSequence } = options;
    this.#options = options;
    this.#sequence = firstSequence;
    this.source = new Source({
      track,
      kind,
      rid: undefined,
      payload,
      redType: undefined,
      feedback: { nack: () => undefined, pli: keyFrame },
      resized: () => undefined,
      keyFrameEveryMs,
    });
    this.source.bind(ssrc);
  }

  /** Sends a frame; `bytes` are the packets' from now on. */
  take({ bytes, lengths, marker, timestamp, atMs }: PackedFrame, shiftMs: number): void {
    const { payload, kind } = this.#options;
    const ssrc = this.source.ssrc ?? 0;
    const marked = kind === 'audio' ? 0 : lengths.length - 1;
    let at = 0;
    for (const [index, length] of lengths.entries()) {
      const packet = new Uint8Array(bytes, at, headRoomBytes + length);
      at += packet.length;
      packet[0] = 0x80;
      packet[1] = (marker && index === marked ? 0x80 : 0) | payload.type;
      this.#sequence = (this.#sequence + 1) & 0xffff;
      writeUint16(packet, 2, this.#sequence);
      writeUint32(packet, 4, timestamp);
      writeUint32(packet, 8, ssrc);
      this.#packets++;
      this.#octets += length;
      this.#waiting.push(packet);
    }
    this.#last = { atMs, timestamp };
    if (this.#waiting.length > maxWaiting) this.#send(this.#waiting.length);
    else if (this.#cancel === undefined) this.#sendPart();
    this.report(this.#options.nowMs(), shiftMs);
  }

  /** To be called every 50 ms or so, so that sinks that wait get their key frame. */
  tick(nowMs: number): void {
    this.source.tick(nowMs);
  }

  /**
   * About once a second: when, on the clock that sound and picture of a stream share, the timestamps were. `shiftMs` is how
   * much later than its mixing the content of this output is to be taken for.
   */
  report(nowMs: number, shiftMs: number): void {
    const last = this.#last;
    if (!last || (nowMs - this.#reportedMs < reportEveryMs && this.source.heard !== undefined)) return;
    this.#reportedMs = nowMs;
    const ticks = Math.round(((nowMs - last.atMs) * this.#options.payload.clockRate) / 1000);
    const wallMs = nowMs + shiftMs;
    this.source.senderReport(
      {
        type: 'sender-report',
        ssrc: this.source.ssrc ?? 0,
        ntpHigh: ntpHigh(wallMs),
        ntpLow: ntpLow(wallMs),
        rtpTimestamp: (last.timestamp + ticks) >>> 0,
        packets: this.#packets >>> 0,
        octets: this.#octets >>> 0,
        reports: [],
      },
      nowMs,
    );
  }

  /** What comes next is another encoder's: sinks go on with its first key frame. */
  renew(ssrc: number): void {
    this.#send(this.#waiting.length);
    this.source.bind(ssrc);
  }

  /** Its source is closed by who unpublishes it. */
  close(): void {
    this.#cancel?.();
    this.#waiting = [];
  }

  #sendPart(): void {
    this.#cancel = undefined;
    this.#send(packetsAtOnce);
    if (this.#waiting.length === 0) return;
    this.#cancel = this.#options.after(partEveryMs, () => {
      this.#sendPart();
    });
  }

  #send(count: number): void {
    const nowMs = this.#options.nowMs();
    for (const packet of this.#waiting.splice(0, count)) {
      if (parseRtp(packet, header)) this.source.receive(packet, header, nowMs, false);
    }
  }
}
