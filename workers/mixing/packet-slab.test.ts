import { expect, it } from 'vitest';
import { readSlab, writeSlab, type SlabPacket } from './packet-slab.ts';

it('gives back what was put in, in order', () => {
  const packets: SlabPacket[] = [
    { pipeline: 1, line: 7, arrivedMs: 1_700_000_000_000.25, bytes: Uint8Array.of(1, 2, 3) },
    { pipeline: 2, line: 0xffffffff, arrivedMs: 0, bytes: new Uint8Array(0) },
    { pipeline: 1, line: 8, arrivedMs: 5, bytes: new Uint8Array(1500).fill(9) },
  ];
  const read: SlabPacket[] = [];
  readSlab(writeSlab(packets), (packet) => read.push(packet));
  expect(read).toEqual(packets);
});

it('copies: what is done to a packet afterwards is not seen', () => {
  const bytes = Uint8Array.of(1);
  const slab = writeSlab([{ pipeline: 1, line: 1, arrivedMs: 0, bytes }]);
  bytes[0] = 2;
  readSlab(slab, (packet) => expect([...packet.bytes]).toEqual([1]));
});
