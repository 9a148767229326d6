// Owns one participant's time: when the sound and pictures of all its streams were captured, on our clock, so that what
// belongs together plays together. Reads sender reports (RFC 3550 §6.4.1); before them it goes by arrival.
import { ntpToWallMs } from '../rtp/ntp.ts';
import { extendTimestamp } from '../rtp/sequence.ts';
import { ReportLine } from './report-line.ts';
import { WindowedMin } from './windowed-min.ts';

/** Where a stream's capture times come from; by `arrival` they are off by the difference in how long streams travel. */
export type CaptureSource = 'arrival' | 'reports';

export interface CaptureTime {
  /** On the clock of the `nowMs` given in; as if the fastest report or packet had taken no time. */
  readonly ms: number;
  readonly source: CaptureSource;
}

/** Long enough for a few reports, short enough that clocks do not drift apart much meanwhile. */
const spanMs = 10_000;
/** Where a stream's line jumped and reports take this much more or less time, the wall clock was set. */
const maxSetMs = 1000;
const maxStreams = 16;

export class MediaClock {
  readonly #streams = new Map<number, StreamTime>();
  /** Ours minus the sender's wall clock; a new one each time that clock is set, as streams learn of it one by one. */
  #wall = new WindowedMin(spanMs);

  /** Begins (or begins again, after a restart) a stream; `clockRate` in RTP ticks per second. At most 16 are kept. */
  addStream(ssrc: number, clockRate: number): void {
    this.#streams.delete(ssrc);
    const [oldest] = this.#streams.keys();
    if (this.#streams.size >= maxStreams && oldest !== undefined) this.#streams.delete(oldest);
    this.#streams.set(ssrc, new StreamTime(clockRate / 1000, this.#wall));
  }

  removeStream(ssrc: number): void {
    this.#streams.delete(ssrc);
  }

  /** Notes a packet of a stream; of unknown ones nothing. */
  arrived(ssrc: number, timestamp: number, nowMs: number): void {
    this.#streams.get(ssrc)?.arrived(timestamp, nowMs);
  }

  /** Notes a sender report; of unknown streams nothing. */
  senderReport(
    report: {
      readonly ssrc: number;
      readonly ntpHigh: number;
      readonly ntpLow: number;
      readonly rtpTimestamp: number;
    },
    nowMs: number,
  ): void {
    const stream = this.#streams.get(report.ssrc);
    // Senders without a clock say 0 (RFC 3550 §6.4.1).
    if (stream === undefined || (report.ntpHigh === 0 && report.ntpLow === 0)) return;
    const wallMs = ntpToWallMs(report.ntpHigh, report.ntpLow);
    const transitMs = nowMs - wallMs;
    const result = stream.report(report.rtpTimestamp, wallMs);
    if (result === 'doubted') return;
    const known = this.#wall.value;
    if (known !== Infinity && result !== 'taken' && this.#wasSet(result, transitMs - known)) {
      this.#wall = new WindowedMin(spanMs);
    }
    if (result !== 'taken') stream.wall = this.#wall;
    stream.wall.add(transitMs, nowMs);
  }

  /** When the sound or picture of `timestamp` was captured; undefined for a stream of which nothing has come. */
  captured(ssrc: number, timestamp: number): CaptureTime | undefined {
    return this.#streams.get(ssrc)?.captured(timestamp);
  }

  /** At a stream's first report a larger difference may also be a report that was held up on its way. */
  #wasSet(result: 'first' | 'jumped', offMs: number): boolean {
    return offMs < -maxSetMs || (result === 'jumped' && offMs > maxSetMs);
  }
}

/** Timestamps this far off their predecessors', twice in a row, are a stream that began anew. */
const maxJumpMs = 2000;

class StreamTime {
  wall: WindowedMin;
  readonly #ticksPerMs: number;
  readonly #line = new ReportLine();
  readonly #arrival = new WindowedMin(spanMs);
  /** Extended timestamp near which others are taken to be. */
  #reference = -1;
  #newest: { readonly extended: number; readonly nowMs: number } | undefined;
  #foreign = 0;

  constructor(ticksPerMs: number, wall: WindowedMin) {
    this.#ticksPerMs = ticksPerMs;
    this.wall = wall;
  }

  arrived(timestamp: number, nowMs: number): void {
    const extended = this.#extend(timestamp);
    const newest = this.#newest;
    if (newest !== undefined) {
      const jumpMs = (extended - newest.extended) / this.#ticksPerMs - (nowMs - newest.nowMs);
      if (Math.abs(jumpMs) > maxJumpMs) {
        if (++this.#foreign < 2) return;
        this.#line.reset();
        this.#arrival.reset();
      } else if (extended <= newest.extended) {
        this.#foreign = 0;
        return;
      }
    }
    this.#foreign = 0;
    this.#newest = { extended, nowMs };
    this.#reference = extended;
    this.#arrival.add(nowMs - extended / this.#ticksPerMs, nowMs);
  }

  report(timestamp: number, wallMs: number): 'first' | 'taken' | 'doubted' | 'jumped' {
    const { known } = this.#line;
    const extended = this.#extend(timestamp);
    // A report may come before the first packet.
    if (this.#reference < 0) this.#reference = extended;
    const result = this.#line.report(extended / this.#ticksPerMs, wallMs);
    return known ? result : 'first';
  }

  captured(timestamp: number): CaptureTime | undefined {
    const mediaMs = this.#extend(timestamp) / this.#ticksPerMs;
    if (this.#line.known) return { ms: this.#line.wallMs(mediaMs) + this.wall.value, source: 'reports' };
    if (this.#newest === undefined) return undefined;
    return { ms: mediaMs + this.#arrival.value, source: 'arrival' };
  }

  #extend(timestamp: number): number {
    return this.#reference < 0 ? 2 ** 32 + timestamp : extendTimestamp(timestamp, this.#reference);
  }
}
