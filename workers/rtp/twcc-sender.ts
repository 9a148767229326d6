// Owns the sender side of transport-cc: numbers outgoing packets of a transport, remembers when they left, and turns
// feedback into loss counts and (sent, arrived) samples. What to make of them is bandwidth.ts.
import type { TransportFeedback } from './rtcp-packet.ts';
import { extendSequence } from './sequence.ts';
import { firstCycle } from './sequence-unwrapper.ts';
import {
  FeedbackArrivals,
  maxFeedbackPackets,
  notReceived,
  readTransportFeedback,
  tickMs,
  ticksPerReference,
} from './transport-feedback.ts';

const capacity = 4096;
const mask = capacity - 1;

const inFlight = 1;
const lost = 2;
const arrived = 3;

/** Packets that one feedback newly told to have arrived, in order of sending; made once and filled again. */
export class ArrivalSamples {
  count = 0;
  /** Packets that it newly told to be lost. */
  lost = 0;
  readonly sentMs = new Float64Array(maxFeedbackPackets);
  /** On the receiver's clock: only differences mean something. */
  readonly arrivedMs = new Float64Array(maxFeedbackPackets);
  readonly bytes = new Uint16Array(maxFeedbackPackets);
}

/** One feedback at a time is read into this, whichever sender it is for. */
const arrivals = new FeedbackArrivals();

export class TwccSender {
  readonly samples: ArrivalSamples;
  /** Totals since the start; a packet told lost and later arrived counts as arrived only. */
  packetsArrived = 0;
  packetsLost = 0;
  readonly #sentMs = new Float64Array(capacity);
  readonly #bytes = new Uint16Array(capacity);
  readonly #states = new Uint8Array(capacity);
  #next = firstCycle;
  #reference = 0;
  #referenceKnown = false;

  /** `samples` may be shared by senders whose feedback is digested one after the other. */
  constructor(samples = new ArrivalSamples()) {
    this.samples = samples;
  }

  /** Numbers a packet of `bytes` bytes leaving now: the 16-bit value of its transport-cc extension. */
  sent(nowMs: number, bytes: number): number {
    const number = this.#next++;
    const slot = number & mask;
    this.#sentMs[slot] = nowMs;
    this.#bytes[slot] = bytes;
    this.#states[slot] = inFlight;
    return number & 0xffff;
  }

  /** Digests feedback into `samples` and totals; false, with empty samples, when it is broken. Never throws. */
  feedback(feedback: TransportFeedback): boolean {
    const samples = this.samples;
    samples.count = 0;
    samples.lost = 0;
    if (!readTransportFeedback(feedback, arrivals)) return false;
    const baseTick = this.#unwrapReference(feedback.referenceTime) * ticksPerReference;
    const base = extendSequence(feedback.baseSequence, this.#next - 1);
    for (let index = 0; index < arrivals.count; index++) {
      const number = base + index;
      if (number >= this.#next || number < this.#next - capacity || number < firstCycle) continue;
      const slot = number & mask;
      const state = this.#states[slot];
      const tick = arrivals.ticks[index] ?? notReceived;
      if (tick === notReceived) {
        if (state !== inFlight) continue;
        this.#states[slot] = lost;
        samples.lost++;
        this.packetsLost++;
      } else if (state === inFlight || state === lost) {
        if (state === lost) this.packetsLost--;
        this.#states[slot] = arrived;
        this.packetsArrived++;
        samples.sentMs[samples.count] = this.#sentMs[slot] ?? 0;
        samples.arrivedMs[samples.count] = (baseTick + tick) * tickMs;
        samples.bytes[samples.count] = this.#bytes[slot] ?? 0;
        samples.count++;
      }
    }
    return true;
  }

  /** The reference time, which wraps at 24 bits, made continuous. */
  #unwrapReference(reference: number): number {
    const step = this.#referenceKnown ? ((reference - this.#reference) << 8) >> 8 : 0;
    this.#reference = this.#referenceKnown ? this.#reference + step : reference;
    this.#referenceKnown = true;
    return this.#reference;
  }
}
