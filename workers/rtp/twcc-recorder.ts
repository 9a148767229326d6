// Owns the receiver side of transport-cc: arrival times of all packets of a transport, and feedback made of them.
import { SequenceUnwrapper } from './sequence-unwrapper.ts';
import { maxFeedbackPackets, notReceived, tickMs, writeTransportFeedback } from './transport-feedback.ts';

const capacity = maxFeedbackPackets;
/** After a larger jump of the numbering nothing before it is reported as lost. */
const maxGap = 2048;
/** A packet later than this many packets behind what was reported is not reported any more. */
const maxLate = 500;
const feedbackBytes = 1200;

/** One flush at a time fills and empties these, whichever recorder it is of: a participant need not pay for them. */
const ticks = new Float64Array(capacity);
const target = new Uint8Array(feedbackBytes);

export class TwccRecorder {
  readonly #intervalMs: number;
  readonly #unwrapper = new SequenceUnwrapper();
  readonly #numbers = new Float64Array(capacity).fill(-1);
  readonly #arrivals = new Float64Array(capacity);
  readonly #packed = { count: 0 };
  /** First number not reported yet. */
  #next = -1;
  #fresh = false;
  #flushedMs = -Infinity;
  #feedbackCount = 0;

  /** At most one burst of feedback per `intervalMs`. */
  constructor(intervalMs = 50) {
    this.#intervalMs = intervalMs;
  }

  /** Notes that the packet with this 16-bit transport-wide number arrived. */
  record(sequence: number, nowMs: number): void {
    const before = this.#unwrapper.highest;
    const number = this.#unwrapper.unwrap(sequence);
    if (number < 0) return;
    const slot = number & (capacity - 1);
    if (this.#numbers[slot] === number) return;
    if (before < 0 || number - before > maxGap) {
      this.#next = number;
    } else if (number < this.#next) {
      if (this.#next - number > maxLate) return;
      this.#next = number;
    }
    this.#numbers[slot] = number;
    this.#arrivals[slot] = Math.round(nowMs / tickMs);
    this.#fresh = true;
  }

  /**
   * Hands finished RTCP packets of at most 1200 bytes to `emit` when the interval has passed and there is
   * something to tell. The bytes are overwritten by the next packet.
   */
  flush(nowMs: number, senderSsrc: number, mediaSsrc: number, emit: (packet: Uint8Array) => void): void {
    if (!this.#fresh || nowMs - this.#flushedMs < this.#intervalMs) return;
    this.#fresh = false;
    this.#flushedMs = nowMs;
    const highest = this.#unwrapper.highest;
    this.#next = Math.max(this.#next, highest - capacity + 1);
    while (this.#next <= highest) {
      const count = this.#collect(highest);
      const length = writeTransportFeedback(
        target,
        senderSsrc,
        mediaSsrc,
        this.#next & 0xffff,
        this.#feedbackCount,
        ticks,
        count,
        this.#packed,
      );
      if (this.#packed.count === 0) return;
      this.#next += this.#packed.count;
      this.#feedbackCount = (this.#feedbackCount + 1) & 0xff;
      emit(target.subarray(0, length));
    }
  }

  #collect(highest: number): number {
    const count = highest - this.#next + 1;
    for (let index = 0; index < count; index++) {
      const slot = (this.#next + index) & (capacity - 1);
      const known = this.#numbers[slot] === this.#next + index;
      ticks[index] = known ? (this.#arrivals[slot] ?? 0) : notReceived;
    }
    return count;
  }
}
