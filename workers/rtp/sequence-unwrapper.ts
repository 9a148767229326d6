// Owns the extended (never wrapping) sequence number of one incoming stream, including a sender that starts over.
import { extendSequence } from './sequence.ts';

/** Extended numbers start one cycle up, so that packets older than the first one stay positive. */
export const firstCycle = 0x10000;

/** Packets this far behind the newest are not late but foreign: a stream that started over, or garbage. */
const maxBehind = 4096;

export class SequenceUnwrapper {
  /** Highest extended number seen; -1 before the first packet. */
  highest = -1;
  /** How often the sender started over. */
  restarts = 0;
  #expectedAfterJump = -1;

  /**
   * The extended number of a 16-bit `sequence`, or -1 for a packet to ignore. Two packets in a row far behind
   * the newest mean that the sender started over (RFC 3550 A.1); numbers then go on in the next cycle.
   */
  unwrap(sequence: number): number {
    if (this.highest < 0) {
      this.highest = firstCycle + sequence;
      return this.highest;
    }
    const extended = extendSequence(sequence, this.highest);
    if (extended > this.highest) {
      this.highest = extended;
      this.#expectedAfterJump = -1;
      return extended;
    }
    if (this.highest - extended < maxBehind) return extended;
    if (sequence !== this.#expectedAfterJump) {
      this.#expectedAfterJump = (sequence + 1) & 0xffff;
      return -1;
    }
    this.#expectedAfterJump = -1;
    this.restarts++;
    this.highest = extended + firstCycle;
    return this.highest;
  }
}
