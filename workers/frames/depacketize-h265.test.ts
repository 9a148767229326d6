import { describe, expect, it } from 'vitest';
import { seededRandom } from '../rtp/made-packets.ts';
import { joinAnnexB } from './annex-b.ts';
import { h265Depacketizer } from './depacketize-h265.ts';
import { mediaPackets, noise } from './made-streams.ts';
import { packetizeH265 } from './packetize-h265.ts';

const vps = Uint8Array.of(0x40, 1, 12);
const sps = Uint8Array.of(0x42, 1, 1);
const pps = Uint8Array.of(0x44, 1, 2);
const idr = Uint8Array.of(0x26, 1, 0xaf, ...noise(seededRandom(1), 300));
const unit = joinAnnexB([vps, sps, pps, idr]);

/** 'incomplete', 'key' or 'inter'. */
function read(payloads: readonly (readonly number[])[]): string {
  const result = h265Depacketizer.depacketize(mediaPackets(payloads));
  if (result.type === 'incomplete') return result.type;
  return result.frame.keyFrame ? 'key' : 'inter';
}

describe('H.265 payloads', () => {
  it('put parameter sets into one packet and cut the slice evenly', () => {
    const payloads = packetizeH265(unit, 120).map(({ payload }) => payload);
    expect(payloads[0]).toEqual(Uint8Array.of(0x60, 1, 0, 3, ...vps, 0, 3, ...sps, 0, 3, ...pps));
    expect(payloads.slice(1).map((payload) => [...payload.subarray(0, 3)])).toEqual([
      [0x62, 1, 0x93],
      [0x62, 1, 0x13],
      [0x62, 1, 0x53],
    ]);
    expect(Math.max(...payloads.map(({ length }) => length))).toBeLessThanOrEqual(120);
  });

  it('keep layer and temporal id, and aggregate under the lowest of both', () => {
    const upper = [Uint8Array.of(0x42, 0x0b, 1), Uint8Array.of(0x44, 0x12, 2)];
    expect([...(packetizeH265(joinAnnexB(upper), 100)[0]?.payload ?? [])].slice(0, 2)).toEqual([0x60, 0x0a]);
    const slice = Uint8Array.of(0x03, 0x0b, 0x80, ...noise(seededRandom(2), 90));
    const sent = packetizeH265(joinAnnexB([slice]), 40).map(({ payload }) => [...payload]);
    expect(sent.map(([first, second]) => [first, second])).toEqual(sent.map(() => [0x63, 0x0b]));
    const back = h265Depacketizer.depacketize(mediaPackets(sent));
    expect(back).toMatchObject({ type: 'complete', frame: { data: joinAnnexB([slice]), keyFrame: false } });
  });

  it('leave out what is too short for a header', () => {
    expect(packetizeH265(joinAnnexB([Uint8Array.of(0x40), vps]), 100)).toEqual([
      { payload: vps, marker: true },
    ]);
  });
});

describe('H.265 frames', () => {
  it.each<[string, number[][], string]>([
    ['a slice of the first block', [[0x02, 1, 0x80]], 'inter'],
    ['a later slice alone', [[0x02, 1, 0x40]], 'incomplete'],
    ['a random access slice whose parameter sets may be lost', [[0x26, 1, 0x80]], 'incomplete'],
    [
      'one whose video parameter set may be lost',
      [
        [0x42, 1, 1],
        [0x44, 1, 1],
        [0x26, 1, 0x80],
      ],
      'incomplete',
    ],
    [
      'a delimiter, then a random access slice',
      [
        [0x46, 1, 0x10],
        [0x26, 1, 0x80],
      ],
      'key',
    ],
    [
      'parameter sets, then a clean random access slice',
      [
        [0x40, 1, 1],
        [0x42, 1, 1],
        [0x44, 1, 1],
        [0x2a, 1, 0x80],
      ],
      'key',
    ],
    [
      'parameter sets alone',
      [
        [0x40, 1, 1],
        [0x42, 1, 1],
      ],
      'inter',
    ],
    ['a fragment without its start', [[0x62, 1, 0x41, 0x80]], 'incomplete'],
    ['a fragment without its end', [[0x62, 1, 0x81, 0x80]], 'incomplete'],
    ['start and end in one fragment', [[0x62, 1, 0xc1, 0x80]], 'inter'],
    ['a fragment of nothing', [[0x62, 1, 0xc1]], 'incomplete'],
    [
      'a unit between fragments',
      [
        [0x62, 1, 0x81, 0x80],
        [0x02, 1, 0x80],
        [0x62, 1, 0x41, 1],
      ],
      'incomplete',
    ],
    [
      'fragments of different types',
      [
        [0x62, 1, 0x81, 0x80],
        [0x62, 1, 0x40, 1],
      ],
      'incomplete',
    ],
    [
      'fragments of different layers',
      [
        [0x62, 1, 0x81, 0x80],
        [0x62, 9, 0x41, 1],
      ],
      'incomplete',
    ],
    ['a fragment of an aggregate', [[0x62, 1, 0xf0, 0x80]], 'incomplete'],
    ['an aggregate', [[0x60, 1, 0, 3, 0x40, 1, 1, 0, 3, 0x26, 1, 0x80]], 'key'],
    ['an aggregate cut short', [[0x60, 1, 0, 9, 0x40, 1]], 'incomplete'],
    ['an aggregate with a unit too short', [[0x60, 1, 0, 1, 0x40]], 'incomplete'],
    ['an aggregate of nothing', [[0x60, 1]], 'incomplete'],
    ['an aggregate in an aggregate', [[0x60, 1, 0, 3, 0x60, 1, 1]], 'incomplete'],
    ['a unit with its forbidden bit set', [[0x82, 1, 0x80]], 'incomplete'],
    ['a unit without a temporal id', [[0x02, 0, 0x80]], 'incomplete'],
    ['a header cut short', [[0x02]], 'incomplete'],
    ['payload content information', [[0x64, 1, 0, 0, 0x02, 1, 0x80]], 'incomplete'],
  ])('%s', (_name, payloads, expected) => {
    expect(read(payloads)).toBe(expected);
  });

  it('take a random access slice whose frame is known to begin there', () => {
    expect(h265Depacketizer.depacketize(mediaPackets([[0x26, 1, 0x80]]), { begins: true })).toMatchObject({
      frame: { keyFrame: true, data: Uint8Array.of(0, 0, 0, 1, 0x26, 1, 0x80) },
    });
  });

  it.each<[string, number[], unknown]>([
    ['parameter sets', [0x60, 1, 0, 3, 0x40, 1, 1, 0, 3, 0x42, 1, 1], { start: true, key: true }],
    ['a random access slice', [0x26, 1, 0x80], { start: false, key: true }],
    ['an inter slice', [0x02, 1, 0x80], { start: true, key: false }],
    ['a fragment within', [0x62, 1, 0x13, 1], { start: false, key: true }],
    ['nothing', [], undefined],
  ])('what %s tells', (_name, payload, facts) => {
    expect(h265Depacketizer.inspect(Uint8Array.from(payload))).toEqual(facts);
  });
});
