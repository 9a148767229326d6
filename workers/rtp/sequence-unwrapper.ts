// Owns the extended (never wrapping) sequence number of one incoming stream, including a sender that starts over.
import { extendSequence } from './sequence.ts';

/** Extended numbers start one cycle up, so that packets older than the first one stay positive. */
export const firstCycle = 0x10000;

/** Packets this far off the newest are not late or after a loss but foreign: a stream that started over, or garbage. */
const maxBehind = 4096;
const maxAhead = 8192;

export class SequenceUnwrapper {
  /** Highest extended number seen; -1 before the first packet. */
  highest = -1;
  /** How often the sender started over. */
  restarts = 0;
  #expectedAfterJump = -1;

  /**
   * The extended number of a 16-bit `sequence`, or -1 for a packet to ignore. Two packets in a row far off the
   * newest mean that the sender started over (RFC 3550 A.1); numbers then go on higher than before.
   */
  unwrap(sequence: number): number {
    if (this.highest < 0) {
      this.highest = firstCycle + sequence;
      return this.highest;
    }
    const extended = extendSequence(sequence, this.highest);
    const ahead = extended - this.highest;
    if (ahead > 0 && ahead < maxAhead) {
      this.highest = extended;
      this.#expectedAfterJump = -1;
      return extended;
    }
    if (ahead <= 0 && ahead > -maxBehind) return extended;
    if (sequence !== this.#expectedAfterJump) {
      this.#expectedAfterJump = (sequence + 1) & 0xffff;
      return -1;
    }
    this.#expectedAfterJump = -1;
    this.restarts++;
    this.highest = ahead > 0 ? extended : extended + firstCycle;
    return this.highest;
  }
}
