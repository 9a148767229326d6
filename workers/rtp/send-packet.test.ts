import { describe, expect, it } from 'vitest';
import { findExtension, readTextExtension, readTransportSequence, Span } from './extensions.ts';
import { headerOf } from './made-packets.ts';
import { unwrapRtx } from './rtx.ts';
import { Scratch } from './scratch.ts';
import { extensionElement, SendPacket, writePacket } from './send-packet.ts';

function packetOf(fields: Partial<SendPacket>): Uint8Array {
  const packet = Object.assign(new SendPacket(), {
    payloadType: 100,
    sequence: 0xffff,
    timestamp: 0xfffffff0,
    ssrc: 0xabcdef01,
    payload: Uint8Array.of(1, 2, 3),
    ...fields,
  });
  const target = new Uint8Array(200).fill(0xee);
  const length = writePacket(target, packet);
  return target.slice(0, length);
}

describe('writePacket', () => {
  it('writes a bare header when there are no extensions', () => {
    const bytes = packetOf({ marker: true });
    expect(bytes.length).toBe(15);
    expect(headerOf(bytes)).toMatchObject({
      payloadType: 100,
      marker: true,
      sequence: 0xffff,
      timestamp: 0xfffffff0,
      ssrc: 0xabcdef01,
      payloadOffset: 12,
    });
  });

  it.each([1, 14, 15, 255])('writes the transport sequence under id %i', (id) => {
    const bytes = packetOf({ transportCcId: id, transportCc: 0xfffe });
    const header = headerOf(bytes);
    expect(readTransportSequence(bytes, header, id)).toBe(0xfffe);
    expect([...bytes.subarray(header.payloadOffset)]).toEqual([1, 2, 3]);
  });

  it.each([
    ['one-byte', 3, extensionElement(5, 'video0')],
    ['two-byte', 20, extensionElement(5, 'video0', true)],
  ])('writes further elements in %s form', (_form, transportCcId, elements) => {
    const bytes = packetOf({ transportCcId, transportCc: 7, elements });
    const header = headerOf(bytes);
    expect(readTextExtension(bytes, header, 5)).toBe('video0');
    expect(readTransportSequence(bytes, header, transportCcId)).toBe(7);
    expect([...bytes.subarray(header.payloadOffset)]).toEqual([1, 2, 3]);
  });

  it('leaves nothing of an older packet in the extension padding', () => {
    const bytes = packetOf({ transportCcId: 3, transportCc: 7 });
    expect(findExtension(bytes, headerOf(bytes), 0x0e, new Span())).toBe(false);
    expect(bytes[19]).toBe(0);
  });

  it('writes a retransmission that unwraps to the original', () => {
    const bytes = packetOf({
      marker: true,
      transportCcId: 3,
      originalSequence: 0xfff0,
      payloadType: 97,
      ssrc: 2,
    });
    const original = unwrapRtx(bytes, headerOf(bytes), 96, 0x99);
    expect(original).toBeDefined();
    if (original === undefined) return;
    const header = headerOf(original);
    expect(header).toMatchObject({ payloadType: 96, sequence: 0xfff0, ssrc: 0x99, marker: true });
    expect([...original.subarray(header.payloadOffset, header.payloadEnd)]).toEqual([1, 2, 3]);
  });

  it('writes an empty packet', () => {
    expect(packetOf({ payload: new Uint8Array(0) }).length).toBe(12);
  });

  it('refuses what does not fit', () => {
    const packet = new SendPacket();
    packet.payload = new Uint8Array(100);
    expect(writePacket(new Uint8Array(120), packet)).toBe(0);
  });
});

describe('extensionElement', () => {
  it.each([
    [0, 'a'],
    [256, 'a'],
    [1, ''],
    [1, 'seventeen letters'],
  ])('refuses id %i with "%s"', (id, text) => {
    expect(() => extensionElement(id, text)).toThrow(RangeError);
  });
});

describe('Scratch', () => {
  it('gives the same view of the same buffer every time', () => {
    const scratch = new Scratch(new Uint8Array(10), (bytes, length) => bytes.subarray(0, length));
    expect(scratch.view(4)).toBe(scratch.view(4));
    expect(scratch.view(4).length).toBe(4);
    scratch.bytes[3] = 9;
    expect(scratch.view(4)[3]).toBe(9);
  });
});
