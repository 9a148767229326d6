// Owns which missing packets of one incoming stream to ask for again, when, and when to stop asking.
// Does not write NACKs (rtcp-writer.ts) nor ask for key frames: it says that one is needed.
import { SequenceUnwrapper } from './sequence-unwrapper.ts';

interface Missing {
  readonly sinceMs: number;
  askedMs: number;
  tries: number;
}

const maxMissing = 1000;
const maxAsked = 256;
const maxTries = 10;
const maxAgeMs = 1000;
/** A packet may be this much out of order before it counts as missing. */
const reorderMs = 10;
const minRetryMs = 20;

const none: readonly number[] = [];

export class NackGenerator {
  /** Round-trip time to the sender; a repeat of a request before it has passed would be wasted. */
  rttMs = 100;
  /** Packets given up since the start. */
  abandoned = 0;
  /** Missing packets that came after all. */
  recovered = 0;
  readonly #unwrapper = new SequenceUnwrapper();
  readonly #missing = new Map<number, Missing>();
  #restarts = 0;
  #keyFrameNeeded = false;

  /** How many packets are missing at present. */
  get missing(): number {
    return this.#missing.size;
  }

  /** Notes a packet's 16-bit number, whether it came first-hand or as retransmission. */
  received(sequence: number, nowMs: number): void {
    const before = this.#unwrapper.highest;
    const extended = this.#unwrapper.unwrap(sequence);
    if (extended < 0) return;
    if (this.#unwrapper.restarts !== this.#restarts) {
      this.#restarts = this.#unwrapper.restarts;
      this.#missing.clear();
      return;
    }
    if (before < 0) return;
    if (extended <= before) {
      if (this.#missing.delete(extended)) this.recovered++;
      return;
    }
    const gap = extended - before - 1;
    if (gap === 0) return;
    if (gap + this.#missing.size > maxMissing) {
      // More than can be repaired: start afresh from a key frame.
      this.abandoned += gap + this.#missing.size;
      this.#missing.clear();
      this.#keyFrameNeeded = true;
      return;
    }
    for (let lost = before + 1; lost < extended; lost++) {
      this.#missing.set(lost, { sinceMs: nowMs, askedMs: -Infinity, tries: 0 });
    }
  }

  /** The 16-bit numbers to ask for now, oldest first, at most 256; call often, at least every 20 ms or so. */
  due(nowMs: number): readonly number[] {
    if (this.#missing.size === 0) return none;
    const retryMs = Math.max(minRetryMs, this.rttMs);
    const sequences: number[] = [];
    for (const [extended, missing] of this.#missing) {
      if (
        nowMs - missing.sinceMs >= maxAgeMs ||
        (missing.tries >= maxTries && nowMs - missing.askedMs >= retryMs)
      ) {
        this.#missing.delete(extended);
        this.abandoned++;
        this.#keyFrameNeeded = true;
      } else if (
        sequences.length < maxAsked &&
        nowMs - missing.sinceMs >= reorderMs &&
        nowMs - missing.askedMs >= retryMs
      ) {
        missing.askedMs = nowMs;
        missing.tries++;
        sequences.push(extended & 0xffff);
      }
    }
    return sequences;
  }

  /** True once after packets were given up: only a key frame repairs that. */
  takeKeyFrameNeed(): boolean {
    const needed = this.#keyFrameNeeded;
    this.#keyFrameNeeded = false;
    return needed;
  }
}
