import { describe, expect, it } from 'vitest';
import { parseRtcp, RtcpWriter, type ReportBlock, type RtcpPacket } from './rtcp.ts';

const block: ReportBlock = {
  ssrc: 0xfedcba98,
  fractionLost: 200,
  packetsLost: -3,
  highestSequence: 0xfffffffe,
  jitter: 0x80000001,
  lastSr: 0xabcdef01,
  delaySinceLastSr: 0x90000000,
};
const senderReport = {
  ssrc: 0x89abcdef,
  ntpHigh: 0xeeeeeeee,
  ntpLow: 0xdddddddd,
  rtpTimestamp: 0xcccccccc,
  packets: 0xbbbbbbbb,
  octets: 0xaaaaaaaa,
};

function written(write: (writer: RtcpWriter) => boolean): Uint8Array {
  const writer = new RtcpWriter();
  expect(write(writer)).toBe(true);
  return writer.bytes;
}

describe('what the writer writes the parser reads', () => {
  it.each<[string, (writer: RtcpWriter) => boolean, RtcpPacket[]]>([
    [
      'sender report',
      (writer) => writer.senderReport(senderReport, [block]),
      [{ type: 'sender-report', ...senderReport, reports: [block] }],
    ],
    [
      'receiver report',
      (writer) => writer.receiverReport(0xffffffff, [block, { ...block, packetsLost: 0x7fffff }]),
      [
        {
          type: 'receiver-report',
          ssrc: 0xffffffff,
          reports: [block, { ...block, packetsLost: 0x7fffff }],
        },
      ],
    ],
    [
      'empty receiver report',
      (writer) => writer.receiverReport(1, []),
      [{ type: 'receiver-report', ssrc: 1, reports: [] }],
    ],
    ['bye', (writer) => writer.bye([1, 0xffffffff]), [{ type: 'bye', ssrcs: [1, 0xffffffff] }]],
    [
      'nack',
      (writer) => writer.nack(1, 2, [0xfffe, 0xffff, 3, 14, 15, 100]),
      [{ type: 'nack', senderSsrc: 1, mediaSsrc: 2, sequences: [0xfffe, 0xffff, 3, 14, 15, 100] }],
    ],
    ['pli', (writer) => writer.pli(1, 0xf0000000), [{ type: 'pli', senderSsrc: 1, mediaSsrc: 0xf0000000 }]],
    [
      'fir',
      (writer) => writer.fir(1, 0xf0000000, 255),
      [{ type: 'fir', senderSsrc: 1, entries: [{ ssrc: 0xf0000000, sequence: 255 }] }],
    ],
    [
      'remb',
      (writer) => writer.remb(1, 250_000, [7, 8]),
      [{ type: 'remb', senderSsrc: 1, bitrateBps: 250_000, ssrcs: [7, 8] }],
    ],
  ])('%s', (_name, write, packets) => {
    const bytes = written(write);
    expect(bytes.length % 4).toBe(0);
    expect(parseRtcp(bytes)).toEqual(packets);
  });

  it('several packets in one compound, the description passed over', () => {
    const bytes = written(
      (writer) => writer.receiverReport(1, []) && writer.sourceDescription(1, 'sluice') && writer.pli(1, 2),
    );
    expect(parseRtcp(bytes).map(({ type }) => type)).toEqual(['receiver-report', 'pli']);
  });
});

describe('bytes on the wire', () => {
  it.each<[string, (writer: RtcpWriter) => boolean, number[]]>([
    ['pli', (writer) => writer.pli(1, 2), [0x81, 206, 0, 2, 0, 0, 0, 1, 0, 0, 0, 2]],
    [
      'nack of a run over the wrap',
      (writer) => writer.nack(1, 2, [0xffff, 0, 15]),
      [0x81, 205, 0, 3, 0, 0, 0, 1, 0, 0, 0, 2, 0xff, 0xff, 0x80, 0x01],
    ],
    [
      'description with three bytes of filling',
      (writer) => writer.sourceDescription(5, 'abc'),
      [0x81, 202, 0, 3, 0, 0, 0, 5, 1, 3, 0x61, 0x62, 0x63, 0, 0, 0],
    ],
    [
      'description whose end needs a whole word',
      (writer) => writer.sourceDescription(5, 'ab'),
      [0x81, 202, 0, 3, 0, 0, 0, 5, 1, 2, 0x61, 0x62, 0, 0, 0, 0],
    ],
    [
      'remb',
      (writer) => writer.remb(1, 2 ** 20, [9]),
      [0x8f, 206, 0, 5, 0, 0, 0, 1, 0, 0, 0, 0, 0x52, 0x45, 0x4d, 0x42, 1, 0x0e, 0, 0, 0, 0, 0, 9],
    ],
  ])('%s', (_name, write, expected) => {
    expect([...written(write)]).toEqual(expected);
  });
});

describe('RtcpWriter', () => {
  it('starts over after a reset', () => {
    const writer = new RtcpWriter();
    writer.pli(1, 2);
    writer.reset().bye([3]);
    expect(parseRtcp(writer.bytes)).toEqual([{ type: 'bye', ssrcs: [3] }]);
  });

  it.each<[string, (writer: RtcpWriter) => boolean]>([
    ['no room', (writer) => writer.senderReport(senderReport)],
    [
      'more than 31 reports',
      (writer) =>
        writer.receiverReport(
          1,
          Array.from({ length: 32 }, () => block),
        ),
    ],
    ['a name too long', (writer) => writer.sourceDescription(1, 'x'.repeat(256))],
  ])('refuses and writes nothing: %s', (_name, write) => {
    const writer = new RtcpWriter(new Uint8Array(24));
    expect(write(writer)).toBe(false);
    expect(writer.length).toBe(0);
  });

  it.each([0, 1, 0x3ffff, 0x40000, 5_000_000_000, -7])(
    'rounds a REMB of %i bit/s down by little',
    (bitrateBps) => {
      const [packet] = parseRtcp(written((writer) => writer.remb(1, bitrateBps, [1])));
      const wanted = Math.max(0, bitrateBps);
      expect(
        packet?.type === 'remb' && packet.bitrateBps <= wanted && packet.bitrateBps >= wanted * 0.9999,
      ).toBe(true);
    },
  );

  it('writes nothing for a NACK of nothing', () => {
    expect(written((writer) => writer.nack(1, 2, [])).length).toBe(0);
  });
});

describe('hostile RTCP', () => {
  const pli = [0x81, 206, 0, 2, 0, 0, 0, 1, 0, 0, 0, 2];
  it.each<[string, number[], string[]]>([
    ['nothing', [], []],
    ['three bytes', [0x80, 201, 0], []],
    ['wrong version', [0x40, 206, 0, 2, ...pli.slice(4)], []],
    ['length beyond the end', [0x81, 206, 0, 3, ...pli.slice(4)], []],
    ['garbage after a good packet', [...pli, 0, 0, 0, 0], ['pli']],
    ['a short pli before a good one', [0x81, 206, 0, 1, 0, 0, 0, 1, ...pli], ['pli']],
    ['an unknown type before a good one', [0x80, 207, 0, 0, ...pli], ['pli']],
    ['a report count larger than the packet', [0x9f, 201, 0, 1, 0, 0, 0, 9], ['receiver-report']],
    ['padding longer than the packet', [0xa1, 206, 0, 2, 0, 0, 0, 1, 0, 0, 0, 200], []],
    ['padding of zero', [0xa1, 206, 0, 2, 0, 0, 0, 1, 0, 0, 0, 0], []],
    ['padding on a good packet', [0xa1, 206, 0, 3, ...pli.slice(4), 0, 0, 0, 4], ['pli']],
    ['a sender report cut short', [0x80, 200, 0, 1, 0, 0, 0, 1], []],
    ['application feedback that is no REMB', [0x8f, 206, 0, 4, ...Array.from({ length: 16 }, () => 0)], []],
  ])('%s', (_name, bytes, types) => {
    expect(parseRtcp(Uint8Array.from(bytes)).map(({ type }) => type)).toEqual(types);
  });

  it('holds a bounded number of packets and NACKed numbers', () => {
    const byes = Uint8Array.from(Array.from({ length: 400 }, () => [0x80, 203, 0, 0]).flat());
    expect(parseRtcp(byes).length).toBe(64);
    const nack = new Uint8Array(12 + 4 * 1000).fill(0xff);
    nack.set([0x81, 205, 0x03, 0xea]);
    const [packet] = parseRtcp(nack);
    expect(packet?.type === 'nack' && packet.sequences.length <= 1024 + 17).toBe(true);
  });
});
