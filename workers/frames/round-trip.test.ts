import { describe, expect, it } from 'vitest';
import { seededRandom } from '../rtp/made-packets.ts';
import { joinAnnexB, splitAnnexB } from './annex-b.ts';
import { h264Depacketizer } from './depacketize-h264.ts';
import { madeFrame, MadeSender, noise } from './made-streams.ts';
import type { MediaPacket } from './media-packet.ts';
import { packetizeH264 } from './packetize-h264.ts';
import { videoDepacketizers, type DecodedCodec } from './video-depacketizers.ts';

const codecs: readonly DecodedCodec[] = ['vp8', 'vp9', 'h264', 'h265', 'av1'];
const cases = codecs.flatMap((codec) => [1, 2, 3, 4, 5].map((seed) => [codec, seed] as const));

function shuffled<Item>(items: readonly Item[], random: () => number): Item[] {
  const left = [...items];
  const mixed: Item[] = [];
  while (left.length > 0) mixed.push(...left.splice(Math.floor(random() * left.length), 1));
  return mixed;
}

describe('frames to packets and back', () => {
  it.each(cases)('%s survives any order and doubles, and misses what is missing (seed %i)', (codec, seed) => {
    const random = seededRandom(seed);
    const sender = new MadeSender(codec, { maxBytes: 40 + Math.floor(random() * 200) });
    const depacketizer = videoDepacketizers[codec];
    for (let round = 0; round < 25; round++) {
      const key = random() < 0.3;
      const data = madeFrame(
        codec,
        key,
        1 + Math.floor(random() * 1500),
        random,
        1 + Math.floor(random() * 3),
      );
      const { timestamp } = sender;
      const packets = sender.send(data, key);
      expect(packets.map(({ marker }) => marker)).toEqual(packets.map((_, at) => at === packets.length - 1));
      const doubled = shuffled([...packets, ...packets.filter(() => random() < 0.3)], random);
      expect(depacketizer.depacketize(doubled)).toEqual({
        type: 'complete',
        frame: { data, timestamp, keyFrame: key },
      });
      const lost = Math.floor(random() * packets.length);
      const rest = shuffled(
        packets.filter((_, at) => at !== lost),
        random,
      );
      if (rest.length > 0) {
        expect(depacketizer.depacketize(rest)).toEqual({ type: 'incomplete', timestamp });
      }
    }
  });

  it.each(codecs)('%s does not mix frames', (codec) => {
    const random = seededRandom(9);
    const sender = new MadeSender(codec);
    const first = sender.send(madeFrame(codec, true, 500, random), true);
    const second = sender.send(madeFrame(codec, false, 500, random), false);
    const { type } = videoDepacketizers[codec].depacketize([...first.slice(0, -1), ...second]);
    expect(type).toBe('incomplete');
  });

  it.each(codecs)('%s frames without a marker end where the next one begins', (codec) => {
    const random = seededRandom(10);
    const data = madeFrame(codec, true, 700, random);
    const packets = new MadeSender(codec).send(data, true).map((packet) => ({ ...packet, marker: false }));
    const depacketizer = videoDepacketizers[codec];
    expect(depacketizer.depacketize(packets).type).toBe('incomplete');
    expect(depacketizer.depacketize(packets, { ends: true })).toMatchObject({ frame: { data } });
  });
});

describe('H.264 payloads', () => {
  const sps = Uint8Array.of(0x67, 1, 2, 3);
  const pps = Uint8Array.of(0x68, 4);
  const idr = Uint8Array.of(0x65, 0x88, ...noise(seededRandom(1), 300));
  const unit = joinAnnexB([sps, pps, idr]);

  it('puts parameter sets into one packet and cuts the slice evenly', () => {
    const payloads = packetizeH264(unit, 1, 120) ?? [];
    expect(payloads.map(({ payload }) => (payload[0] ?? 0) & 31)).toEqual([24, 28, 28, 28]);
    expect(Math.max(...payloads.map(({ payload }) => payload.length))).toBeLessThanOrEqual(120);
    expect(payloads.map(({ payload }) => (payload[1] ?? 0) & 0xe0)).toEqual([0, 0x80, 0, 0x40]);
  });

  it('in mode 0 sends units as they are, or says that it cannot', () => {
    expect(packetizeH264(unit, 0, 1200)?.map(({ payload }) => payload)).toEqual([sps, pps, idr]);
    expect(packetizeH264(unit, 0, 120)).toBeUndefined();
  });

  it('splits start codes of three and four bytes, with trailing zeros', () => {
    const stream = Uint8Array.of(
      0,
      0,
      1,
      0x67,
      1,
      0,
      0,
      0,
      1,
      0x68,
      2,
      0,
      0,
      0,
      0,
      1,
      0x65,
      0,
      0,
      3,
      1,
      0,
      0,
    );
    expect(splitAnnexB(stream).map((part) => [...part])).toEqual([
      [0x67, 1],
      [0x68, 2],
      [0x65, 0, 0, 3, 1],
    ]);
    expect(splitAnnexB(Uint8Array.of(1, 2, 3))).toEqual([]);
    expect(splitAnnexB(Uint8Array.of())).toEqual([]);
  });

  const packet = (sequence: number, payload: readonly number[], marker: boolean): MediaPacket => ({
    ssrc: 1,
    sequence,
    timestamp: 5,
    marker,
    payload: Uint8Array.from(payload),
  });

  it.each<[string, number[][], string]>([
    ['a slice of the first macroblock', [[0x41, 0x9a, 1]], 'complete'],
    ['a slice of a later macroblock alone', [[0x41, 0x40, 1]], 'incomplete'],
    ['an IDR slice whose parameter sets may be lost', [[0x65, 0x88, 1]], 'incomplete'],
    [
      'a delimiter, then an IDR slice',
      [
        [0x09, 0x10],
        [0x65, 0x88, 1],
      ],
      'complete',
    ],
    ['a fragment without its start', [[0x7c, 0x45, 1]], 'incomplete'],
    [
      'a fragment without its end',
      [
        [0x09, 0x10],
        [0x7c, 0x85, 1],
      ],
      'incomplete',
    ],
    [
      'a unit between fragments',
      [
        [0x09, 1],
        [0x7c, 0x85, 1],
        [0x41, 0x80, 1],
        [0x7c, 0x45, 1],
      ],
      'incomplete',
    ],
    [
      'fragments of different types',
      [
        [0x09, 1],
        [0x7c, 0x85, 1],
        [0x7c, 0x41, 1],
      ],
      'incomplete',
    ],
    [
      'start and end in one fragment',
      [
        [0x09, 1],
        [0x7c, 0xc5, 0x88],
      ],
      'complete',
    ],
    [
      'interleaved mode',
      [
        [0x09, 1],
        [25, 0, 0, 0, 1, 0x65],
      ],
      'incomplete',
    ],
    ['an aggregate cut short', [[24, 0, 9, 0x67, 1]], 'incomplete'],
    ['an aggregate with an empty unit', [[24, 0, 0, 0, 2, 0x67, 1]], 'incomplete'],
    ['a unit with its forbidden bit set', [[0xe7, 1]], 'incomplete'],
  ])('%s', (_name, payloads, type) => {
    const packets = payloads.map((payload, at) => packet(65534 + at, payload, at === payloads.length - 1));
    const wrapped = packets.map((each) => ({ ...each, sequence: each.sequence & 0xffff }));
    expect(h264Depacketizer.depacketize(wrapped).type).toBe(type);
  });

  it('takes an IDR slice whose frame is known to begin there', () => {
    const packets = [packet(1, [0x65, 0x88, 1], true)];
    expect(h264Depacketizer.depacketize(packets, { begins: true })).toMatchObject({
      frame: { keyFrame: true, data: Uint8Array.of(0, 0, 0, 1, 0x65, 0x88, 1) },
    });
  });
});
