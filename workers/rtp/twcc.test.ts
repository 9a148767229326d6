import { describe, expect, it } from 'vitest';
import { seededRandom } from './made-packets.ts';
import { parseRtcp, type TransportFeedback } from './rtcp.ts';
import {
  FeedbackArrivals,
  notReceived,
  readTransportFeedback,
  ticksPerReference,
} from './transport-feedback.ts';
import { TwccRecorder } from './twcc-recorder.ts';
import { TwccSender } from './twcc-sender.ts';

function flush(recorder: TwccRecorder, nowMs: number): TransportFeedback[] {
  const packets: TransportFeedback[] = [];
  recorder.flush(nowMs, 1, 2, (bytes) => {
    expect(bytes.length).toBeLessThanOrEqual(1200);
    const [packet] = parseRtcp(bytes.slice());
    if (packet?.type !== 'transport-feedback') throw new Error('no feedback');
    packets.push(packet);
  });
  return packets;
}

/** 16-bit numbers to arrival in ms, or undefined for those reported as not received. */
function told(packets: readonly TransportFeedback[]): [number, number | undefined][] {
  const arrivals = new FeedbackArrivals();
  return packets.flatMap((packet) => {
    expect(readTransportFeedback(packet, arrivals)).toBe(true);
    return [...arrivals.ticks.subarray(0, arrivals.count)].map(
      (tick, index): [number, number | undefined] => [
        (packet.baseSequence + index) & 0xffff,
        tick === notReceived ? undefined : (packet.referenceTime * ticksPerReference + tick) / 4,
      ],
    );
  });
}

describe('TwccRecorder', () => {
  it('tells arrivals and losses, over a wrap', () => {
    const recorder = new TwccRecorder();
    recorder.record(0xfffe, 1000);
    recorder.record(1, 1010.25);
    expect(told(flush(recorder, 1020))).toEqual([
      [0xfffe, 1000],
      [0xffff, undefined],
      [0, undefined],
      [1, 1010.25],
    ]);
  });

  it('goes on where it stopped, so that a loss between two feedbacks is told', () => {
    const recorder = new TwccRecorder();
    recorder.record(1, 1000);
    flush(recorder, 1000);
    recorder.record(3, 1060);
    expect(told(flush(recorder, 1060))).toEqual([
      [2, undefined],
      [3, 1060],
    ]);
  });

  it('tells of a packet late by a feedback by going back to it', () => {
    const recorder = new TwccRecorder();
    for (const sequence of [1, 3, 4]) recorder.record(sequence, 1000 + sequence);
    flush(recorder, 1010);
    recorder.record(2, 1020);
    expect(told(flush(recorder, 1060))).toEqual([
      [2, 1020],
      [3, 1003],
      [4, 1004],
    ]);
  });

  it('keeps to its interval and says nothing without news', () => {
    const recorder = new TwccRecorder(100);
    recorder.record(1, 1000);
    expect(flush(recorder, 1000).length).toBe(1);
    recorder.record(2, 1050);
    expect(flush(recorder, 1099).length).toBe(0);
    expect(flush(recorder, 1100).length).toBe(1);
    expect(flush(recorder, 5000).length).toBe(0);
  });

  it('counts its feedback, over the wrap at 256', () => {
    const recorder = new TwccRecorder();
    const counts: number[] = [];
    for (let index = 0; index < 258; index++) {
      recorder.record(index, index * 50);
      counts.push(flush(recorder, index * 50)[0]?.feedbackCount ?? -1);
    }
    expect(counts.slice(254)).toEqual([254, 255, 0, 1]);
  });

  it('ignores duplicates and keeps the first arrival', () => {
    const recorder = new TwccRecorder();
    recorder.record(1, 1000);
    recorder.record(1, 1030);
    expect(told(flush(recorder, 1050))).toEqual([[1, 1000]]);
    recorder.record(1, 1060);
    expect(flush(recorder, 2000)).toEqual([]);
  });

  it('tells nothing of the numbers in a large jump', () => {
    const recorder = new TwccRecorder();
    recorder.record(1, 1000);
    recorder.record(5001, 1010);
    expect(told(flush(recorder, 1050))).toEqual([[5001, 1010]]);
  });

  it('follows a sender that starts over', () => {
    const recorder = new TwccRecorder();
    for (const [index, sequence] of [40_000, 10, 11, 12].entries()) recorder.record(sequence, 1000 + index);
    expect(told(flush(recorder, 1050))).toEqual([
      [11, 1002],
      [12, 1003],
    ]);
  });

  it('splits what does not fit into one packet, or one time span', () => {
    const recorder = new TwccRecorder();
    for (let sequence = 0; sequence < 3000; sequence++) recorder.record(sequence, 1000 + sequence / 4);
    recorder.record(3000, 60_000);
    const packets = flush(recorder, 60_000);
    expect(packets.length).toBeGreaterThan(3);
    expect(told(packets)).toEqual([
      ...Array.from({ length: 3000 }, (_, sequence) => [sequence, 1000 + sequence / 4]),
      [3000, 60_000],
    ]);
  });

  it('stays bounded when nobody asks for feedback', () => {
    const recorder = new TwccRecorder();
    for (let sequence = 0; sequence < 100_000; sequence += 3) recorder.record(sequence & 0xffff, sequence);
    expect(told(flush(recorder, 100_000)).length).toBeLessThanOrEqual(4096);
  });
});

describe('TwccSender', () => {
  /** Feedback from a real recorder about packets with these arrivals, `undefined`: lost. */
  function answer(recorder: TwccRecorder, arrivals: readonly [number, number | undefined][], nowMs: number) {
    for (const [sequence, arrivedMs] of arrivals) {
      if (arrivedMs !== undefined) recorder.record(sequence, arrivedMs);
    }
    return flush(recorder, nowMs);
  }

  it('numbers packets from 0 to 65535 and again', () => {
    const sender = new TwccSender();
    expect(sender.sent(0, 1)).toBe(0);
    for (let index = 1; index < 0xffff; index++) sender.sent(0, 1);
    expect([sender.sent(0, 1), sender.sent(0, 1)]).toEqual([0xffff, 0]);
  });

  it('turns feedback into samples and losses', () => {
    const sender = new TwccSender();
    const recorder = new TwccRecorder();
    for (let index = 0; index < 4; index++) sender.sent(100 + index * 5, 1000 + index);
    const [feedback] = answer(
      recorder,
      [
        [0, 5000],
        [1, undefined],
        [2, 5012],
        [3, 5020.5],
      ],
      5050,
    );
    expect(feedback !== undefined && sender.feedback(feedback)).toBe(true);
    const { samples } = sender;
    expect([samples.count, samples.lost]).toEqual([3, 1]);
    expect([...samples.sentMs.subarray(0, 3)]).toEqual([100, 110, 115]);
    expect([...samples.bytes.subarray(0, 3)]).toEqual([1000, 1002, 1003]);
    const arrived = samples.arrivedMs.subarray(0, 3);
    expect([...arrived].map((ms) => ms - (arrived[0] ?? 0))).toEqual([0, 12, 20.5]);
    expect([sender.packetsArrived, sender.packetsLost]).toEqual([3, 1]);
  });

  it('counts each packet once, and takes a loss back when it arrives after all', () => {
    const sender = new TwccSender();
    const recorder = new TwccRecorder();
    for (let index = 0; index < 3; index++) sender.sent(0, 10);
    const [first] = answer(
      recorder,
      [
        [0, 10],
        [2, 12],
      ],
      50,
    );
    const [second] = answer(recorder, [[1, 60]], 100);
    if (first === undefined || second === undefined) throw new Error('no feedback');
    sender.feedback(first);
    sender.feedback(first);
    expect([sender.packetsArrived, sender.packetsLost]).toEqual([2, 1]);
    sender.feedback(second);
    expect(sender.samples.count).toBe(1);
    expect([sender.packetsArrived, sender.packetsLost]).toEqual([3, 0]);
  });

  it('believes nothing about packets it never sent or has forgotten', () => {
    const sender = new TwccSender();
    const recorder = new TwccRecorder();
    sender.sent(0, 10);
    const [unsent] = answer(
      recorder,
      [
        [1, 10],
        [5, 11],
      ],
      50,
    );
    expect(unsent !== undefined && sender.feedback(unsent)).toBe(true);
    expect([sender.samples.count, sender.samples.lost]).toEqual([0, 0]);
    for (let index = 0; index < 5000; index++) sender.sent(0, 10);
    const [old] = answer(
      new TwccRecorder(),
      [
        [0, 10],
        [2, 11],
      ],
      50,
    );
    expect(old !== undefined && sender.feedback(old)).toBe(true);
    expect([sender.packetsArrived, sender.packetsLost]).toEqual([0, 0]);
  });

  it('gives no samples for broken feedback', () => {
    const sender = new TwccSender();
    const [feedback] = answer(new TwccRecorder(), [[0, 10]], 50);
    if (feedback === undefined) throw new Error('no feedback');
    sender.sent(0, 10);
    expect(sender.feedback({ ...feedback, bytes: new Uint8Array(0) })).toBe(false);
    expect(sender.samples.count).toBe(0);
  });

  it.each([0, 2 ** 24 * 64 - 3000, 2 ** 23 * 64 - 3000])(
    'agrees with the recorder over loss, reordering and wraps, also of the reference time (from %i ms)',
    (startMs) => {
      const random = seededRandom(startMs + 7);
      const sender = new TwccSender();
      const recorder = new TwccRecorder();
      const pending: { sequence: number; at: number }[] = [];
      let lost = 0;
      let firstOffset: number | undefined;
      const total = 70_000;
      for (let index = 0; index < total; index++) {
        const nowMs = startMs + index;
        const sequence = sender.sent(nowMs, 1000);
        if (random() < 0.05) lost++;
        else pending.push({ sequence, at: nowMs + 30 + (random() < 0.1 ? 8 : 0) });
        if (index % 25 !== 24 && index !== total - 1) continue;
        const until = index === total - 1 ? Infinity : nowMs;
        pending.sort((a, b) => a.at - b.at);
        while (pending[0] !== undefined && pending[0].at <= until) {
          const packet = pending.shift();
          if (packet !== undefined) recorder.record(packet.sequence, packet.at);
        }
        for (const feedback of flush(recorder, until === Infinity ? nowMs + 100 : nowMs)) {
          expect(sender.feedback(feedback)).toBe(true);
          const { samples } = sender;
          for (let sample = 0; sample < samples.count; sample++) {
            const offset = (samples.arrivedMs[sample] ?? 0) - (samples.sentMs[sample] ?? 0) - 30;
            firstOffset ??= Math.round(offset / 64) * 64;
            const jitter = offset - firstOffset;
            if (jitter < -0.5 || jitter > 8.5) throw new Error(`sample off by ${jitter} ms at ${index}`);
          }
        }
      }
      expect(sender.packetsArrived).toBe(total - lost);
      // The very last packets may be lost without anybody noticing.
      expect(lost - sender.packetsLost).toBeLessThan(5);
    },
  );
});
