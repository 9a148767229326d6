import { describe, expect, it } from 'vitest';
import { seededRandom } from './made-packets.ts';
import { parseRtcp, type TransportFeedback } from './rtcp.ts';
import {
  FeedbackArrivals,
  notReceived,
  readTransportFeedback,
  ticksPerReference,
  writeTransportFeedback,
} from './transport-feedback.ts';

function feedback(count: number, bytes: readonly number[]): TransportFeedback {
  return {
    type: 'transport-feedback',
    senderSsrc: 1,
    mediaSsrc: 2,
    baseSequence: 0,
    count,
    referenceTime: 0,
    feedbackCount: 0,
    bytes: Uint8Array.from(bytes),
  };
}

const arrivals = new FeedbackArrivals();

describe('readTransportFeedback', () => {
  const no = notReceived;
  it.each<[string, number, number[], number[] | undefined]>([
    ['a run of small deltas', 3, [0x20, 3, 1, 2, 3], [1, 3, 6]],
    ['a run of lost packets, then one', 4, [0x00, 3, 0x20, 1, 9], [no, no, no, 9]],
    ['a one-bit vector', 5, [0x80 | 0x15, 0, 1, 1, 1], [no, 1, no, 2, no]],
    ['a two-bit vector with a negative delta', 3, [0xd8, 0, 10, 0xff, 0xfe], [10, 8, no]],
    ['a large and a negative delta', 2, [0xe8, 0x00, 0x01, 0x00, 0xff, 0xfe], [256, 254]],
    ['the reserved symbol counts as not received', 2, [0x60, 2], [no, no]],
    ['padding after the deltas', 1, [0x20, 1, 7, 0, 0, 0], [7]],
    ['a run longer than the count', 2, [0x20, 50, 1, 1], [1, 2]],
    ['no chunk', 1, [], undefined],
    ['half a chunk', 1, [0x20], undefined],
    ['empty runs for ever', 1, [0, 0, 0, 0, 0, 0], undefined],
    ['a missing delta', 2, [0x20, 2, 1], undefined],
    ['half a large delta', 1, [0x40, 1, 1], undefined],
    ['a count of none', 0, [0x20, 1, 1], undefined],
    ['a count beyond bounds', 4097, [0x1f, 0xff], undefined],
  ])('%s', (_name, count, bytes, expected) => {
    expect(readTransportFeedback(feedback(count, bytes), arrivals)).toBe(expected !== undefined);
    expect([...arrivals.ticks.subarray(0, arrivals.count)]).toEqual(expected ?? []);
  });
});

describe('writeTransportFeedback', () => {
  function roundTrip(ticks: readonly number[], room = 1200) {
    const target = new Uint8Array(room).fill(0xee);
    const packed = { count: 0 };
    const length = writeTransportFeedback(
      target,
      0xffffffff,
      0xeeeeeeee,
      0xfffe,
      200,
      Float64Array.from(ticks),
      ticks.length,
      packed,
    );
    expect(length % 4).toBe(0);
    expect(length).toBeLessThanOrEqual(room);
    const [packet] = parseRtcp(target.subarray(0, length));
    if (packet?.type !== 'transport-feedback') throw new Error('no feedback');
    expect(packet).toMatchObject({
      senderSsrc: 0xffffffff,
      mediaSsrc: 0xeeeeeeee,
      baseSequence: 0xfffe,
      feedbackCount: 200,
      count: packed.count,
    });
    expect(readTransportFeedback(packet, arrivals)).toBe(true);
    const base = packet.referenceTime * ticksPerReference;
    return {
      length,
      ticks: [...arrivals.ticks.subarray(0, arrivals.count)].map((tick) =>
        tick === notReceived ? notReceived : base + tick,
      ),
    };
  }

  const steps = (count: number, step: number): number[] =>
    Array.from({ length: count }, (_, index) => 5000 + index * step);
  it.each<[string, number[]]>([
    ['one packet', [1000]],
    ['seven alike', steps(7, 4)],
    ['a long run', steps(300, 4)],
    ['lost ones first', [notReceived, notReceived, 1000]],
    ['lost ones in the middle', [1000, ...Array.from({ length: 500 }, () => notReceived), 1001]],
    ['lost ones last', [1000, notReceived]],
    ['out of order', [1000, 990, 1005]],
    ['long pauses', [1000, 1256, 1255 + 256, 30_000]],
    ['before zero', [-1000, -999]],
  ])('comes back: %s', (_name, ticks) => {
    expect(roundTrip(ticks).ticks).toEqual(ticks);
  });

  it('packs a long run into one chunk', () => {
    expect(roundTrip(steps(300, 4)).length).toBe(20 + 2 + 300 + 2);
  });

  it('ends before a step too large for a delta', () => {
    expect(roundTrip([1000, 1001, 40_000]).ticks).toEqual([1000, 1001]);
  });

  it('ends where the room ends', () => {
    const { ticks, length } = roundTrip(steps(2000, 4), 200);
    expect(length).toBeGreaterThan(150);
    expect(ticks).toEqual(steps(2000, 4).slice(0, ticks.length));
  });

  it.each(Array.from({ length: 20 }, (_, seed) => seed + 1))(
    'comes back whatever it is (seed %i)',
    (seed) => {
      const random = seededRandom(seed);
      const lossy = random();
      const bursts = random() * 40;
      let tick = Math.floor(random() * 1e6);
      const ticks = [tick];
      let lost = false;
      for (let index = 0; index < 250; index++) {
        if (random() < 1 / (1 + bursts)) lost = random() < lossy;
        tick += Math.floor(random() * 20) + (random() < 0.05 ? 2000 : 0) - (random() < 0.05 ? 300 : 0);
        ticks.push(lost ? notReceived : tick);
      }
      expect(roundTrip(ticks).ticks).toEqual(ticks);
    },
  );
});
