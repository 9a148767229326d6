import { decode, encode } from '@msgpack/msgpack';
import { expect, it } from 'vitest';
import { limits } from '../../../schemas/request.ts';
import type { SignalReply } from '../../../schemas/signal.ts';
import type { Delivery } from '../delivery.ts';
import { deliveryFrame, readFrame, replyAndDeliveryFrame, replyFrame } from './frames.ts';

const delivery: Delivery = { seq: 70_000, notices: [{ type: 'participant-left', participant: 'ann' }] };
const replies: SignalReply[] = [
  { cid: 1, ok: true, data: { id: 'a', absent: undefined } },
  { cid: 2, ok: false, error: { code: 'forbidden', message: 'unauthorized' } },
];

it('encodes a delivery once for all who get it', () => {
  expect(deliveryFrame(delivery)).toBe(deliveryFrame(delivery));
  expect(decode(deliveryFrame(delivery))).toEqual(delivery);
});

it('puts replies before the notices of the same frame', () => {
  const frame = decode(replyAndDeliveryFrame(replies, delivery));
  expect(frame).toEqual({
    replies: [{ cid: 1, ok: true, data: { id: 'a' } }, replies[1]],
    seq: delivery.seq,
    notices: delivery.notices,
  });
  expect(Object.keys(frame as object)).toEqual(['replies', 'seq', 'notices']);
  // The shared bytes are as they were.
  expect(decode(deliveryFrame(delivery))).toEqual(delivery);
  expect(decode(replyFrame(replies))).toEqual({
    replies: [{ cid: 1, ok: true, data: { id: 'a' } }, replies[1]],
  });
});

it('says in which epoch the history goes on, also beside replies', () => {
  const moved: Delivery = { seq: 7, notices: [], epoch: 'e2' };
  expect(decode(deliveryFrame(moved))).toEqual(moved);
  expect(decode(replyAndDeliveryFrame(replies, moved))).toMatchObject({
    ...moved,
    replies: [{ cid: 1 }, {}],
  });
});

it('reads one message or many', () => {
  expect(readFrame(encode({ do: 'leave', cid: 1 }))).toEqual([{ do: 'leave', cid: 1 }]);
  expect(readFrame(encode([1, 2]))).toEqual([1, 2]);
});

it.each<[string, Uint8Array, string]>([
  ['more than a frame may hold', encode(Array.from({ length: 257 }, () => 1)), 'Too many messages'],
  ['a frame over the limit', new Uint8Array(limits.messageBytes + 1), 'Frame too large'],
  ['half a frame', encode({ do: 'leave' }).subarray(0, 5), 'Not a frame'],
  ['a key that would reach the prototype', encode(JSON.parse('{"__proto__":1}')), 'Not a frame'],
  ['a key that is no text', Uint8Array.from([0x81, 0x90, 0x01]), 'Not a frame'],
])('refuses %s', (_, bytes, message) => {
  expect(() => readFrame(bytes)).toThrow(message);
});
