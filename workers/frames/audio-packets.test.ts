import { describe, expect, it } from 'vitest';
import { g711Depacketizer } from './depacketize-g711.ts';
import { g722Depacketizer } from './depacketize-g722.ts';
import { opusDepacketizer } from './depacketize-opus.ts';
import type { MediaPacket } from './media-packet.ts';
import { readOpusPacket } from './opus-packet.ts';
import { packetizeG711 } from './packetize-g711.ts';
import { packetizeG722 } from './packetize-g722.ts';
import { packetizeOpus } from './packetize-opus.ts';

const zeros = (length: number): number[] => Array.from({ length }, () => 0);

describe('Opus packets', () => {
  it.each<[string, number[], object | undefined]>([
    [
      'SILK 20 ms',
      [0x08, 0x80, 1, 2],
      { durationTicks: 960, frames: 1, channels: 1, hasFec: false, dtx: false },
    ],
    ['SILK 20 ms with FEC', [0x08, 0x40, 1, 2], { durationTicks: 960, hasFec: true }],
    ['SILK 20 ms stereo, FEC on the side channel', [0x0c, 0x10, 1, 2], { channels: 2, hasFec: true }],
    ['SILK 10 ms', [0x00, 0x40, 1], { durationTicks: 480, hasFec: true }],
    [
      'SILK 40 ms: activity of the second frame is no FEC',
      [0x10, 0x40, 1],
      { durationTicks: 1920, hasFec: false },
    ],
    ['SILK 40 ms with FEC', [0x10, 0x20, 1], { durationTicks: 1920, hasFec: true }],
    ['SILK 60 ms with FEC', [0x18, 0x10, 1], { durationTicks: 2880, hasFec: true }],
    ['hybrid 20 ms with FEC', [0x78, 0x40, 1], { durationTicks: 960, hasFec: true }],
    ['CELT 2.5 ms', [0x80, 0x40, 1], { durationTicks: 120, hasFec: false }],
    ['CELT 20 ms', [0xf8, 0xff, 0xff], { durationTicks: 960, hasFec: false }],
    ['two frames of one size', [0x09, 1, 2, 3, 4], { durationTicks: 1920, frames: 2 }],
    ['two frames of one size, odd', [0x09, 1, 2, 3], undefined],
    ['two frames of two sizes', [0x0a, 1, 0x40, 3, 4], { frames: 2, hasFec: true }],
    ['two frames, first too long', [0x0a, 9, 2], undefined],
    ['three frames of one size', [0x0b, 3, 0x40, 2, 3], { frames: 3, durationTicks: 2880, hasFec: true }],
    [
      'three frames, variable, padded',
      [0x0b, 0xc3, 2, 1, 2, 0x40, 7, 7, 8, 0, 0],
      { frames: 3, hasFec: true },
    ],
    ['padding longer than the packet', [0x0b, 0x41, 200, 1], undefined],
    ['seven frames of 20 ms', [0x0b, 7, ...zeros(7)], undefined],
    ['no frames', [0x0b, 0], undefined],
    ['nothing but a header', [0x08], { durationTicks: 960, dtx: true, hasFec: false }],
    ['frame too long', [0x08, ...zeros(1276)], undefined],
    ['long length', [0x0a, 252, 1, ...zeros(256)], { frames: 2 }],
    ['nothing', [], undefined],
  ])('%s', (_name, bytes, expected) => {
    const read = readOpusPacket(Uint8Array.from(bytes));
    if (expected === undefined) expect(read).toBeUndefined();
    else expect(read).toMatchObject(expected);
  });

  it('goes into one payload and back', () => {
    const data = Uint8Array.of(0x08, 0x40, 1, 2);
    const [made] = packetizeOpus(data, true, 100);
    expect(made).toEqual({ payload: data, marker: true, timestampOffset: 0 });
    const packet: MediaPacket = { ssrc: 1, sequence: 2, timestamp: 3, marker: true, payload: data };
    expect(opusDepacketizer.depacketize(packet)).toEqual({
      data,
      sequence: 2,
      timestamp: 3,
      durationTicks: 960,
      hasFec: true,
      dtx: false,
    });
    expect(packetizeOpus(data, true, 3)).toEqual([]);
    expect(packetizeOpus(new Uint8Array(0), true, 100)).toEqual([]);
  });
});

describe.each([
  ['G.711', packetizeG711, g711Depacketizer],
  ['G.722', packetizeG722, g722Depacketizer],
] as const)('%s', (_name, packetize, depacketizer) => {
  it('is cut into packets whose clock runs at 8 kHz', () => {
    const sound = Uint8Array.from({ length: 480 }, (_, at) => at);
    const payloads = packetize(sound, true, 160);
    expect(payloads.map(({ marker, timestampOffset }) => [marker, timestampOffset])).toEqual([
      [true, 0],
      [false, 160],
      [false, 320],
    ]);
    const frames = payloads.map(({ payload, marker, timestampOffset }, at) =>
      depacketizer.depacketize({ ssrc: 1, sequence: at, timestamp: timestampOffset, marker, payload }),
    );
    expect(frames.map((frame) => frame?.durationTicks)).toEqual([160, 160, 160]);
    expect(frames.flatMap((frame) => [...(frame?.data ?? [])])).toEqual([...sound]);
    const empty = { ssrc: 1, sequence: 1, timestamp: 1, marker: false, payload: new Uint8Array(0) };
    expect(depacketizer.depacketize(empty)).toBeUndefined();
    expect(depacketizer.depacketize({ ...empty, payload: new Uint8Array(1601) })).toBeUndefined();
  });
});
