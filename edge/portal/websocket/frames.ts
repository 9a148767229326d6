// Owns the bytes of `sluice.1` frames (schemas/signal.ts): reading a client's, writing the server's. The notices of a
// delivery are encoded once, whoever gets them.
import { Decoder, Encoder } from '@msgpack/msgpack';
import { SluiceError } from '../../../schemas/error.ts';
import { limits } from '../../../schemas/request.ts';
import { maxMessagesPerFrame, type SignalReply } from '../../../schemas/signal.ts';
import type { PortalAddress } from '../../tokens/portal-address.ts';
import type { Delivery } from '../delivery.ts';
import { scanMessagePack } from './scan.ts';

const scanLimits = { maxDepth: 24, maxValues: 16_384 };

const decoder = new Decoder({
  maxStrLength: limits.messageBytes,
  maxArrayLength: scanLimits.maxValues,
  maxMapLength: scanLimits.maxValues,
  maxBinLength: 0,
  maxExtLength: 0,
});
const encoder = new Encoder({ ignoreUndefined: true });

/** The messages of a client's frame, unchecked. Throws SluiceError `bad-request`. */
export function readFrame(bytes: Uint8Array): readonly unknown[] {
  if (bytes.length > limits.messageBytes) throw new SluiceError('too-large', 'Frame too large');
  const fault = scanMessagePack(bytes, scanLimits);
  if (fault !== undefined) throw new SluiceError('bad-request', `Not a frame: ${fault}`);
  const value = decoded(bytes);
  const messages: readonly unknown[] = Array.isArray(value) ? value : [value];
  if (messages.length > maxMessagesPerFrame) {
    throw new SluiceError('bad-request', 'Too many messages in a frame');
  }
  return messages;
}

function decoded(bytes: Uint8Array): unknown {
  try {
    return decoder.decode(bytes);
  } catch (error) {
    throw new SluiceError('bad-request', 'Not a frame: not MessagePack', error);
  }
}

const encodedDeliveries = new WeakMap<Delivery, Uint8Array>();

/** A frame with one delivery's notices. The bytes are shared: not to be written to. */
export function deliveryFrame(delivery: Delivery): Uint8Array {
  const present = encodedDeliveries.get(delivery);
  if (present !== undefined) return present;
  const { epoch, seq, notices } = delivery;
  const frame = encoder.encode(epoch === undefined ? { seq, notices } : { seq, notices, epoch });
  encodedDeliveries.set(delivery, frame);
  return frame;
}

/** A frame with replies alone. */
export function replyFrame(replies: readonly SignalReply[]): Uint8Array {
  return encoder.encode({ replies });
}

/** The last frame to a client that is to go on elsewhere. */
export function moveFrame(moveTo: PortalAddress): Uint8Array {
  return encoder.encode({ moveTo });
}

/** A frame with replies before a delivery's notices, without encoding those again. */
export function replyAndDeliveryFrame(replies: readonly SignalReply[], delivery: Delivery): Uint8Array {
  // Both are maps of fewer than 16 entries: one head byte, then their entries.
  const first = replyFrame(replies);
  const second = deliveryFrame(delivery);
  const frame = new Uint8Array(first.length + second.length - 1);
  frame.set(first);
  frame.set(second.subarray(1), first.length);
  frame[0] = 0x80 | (1 + (delivery.epoch === undefined ? 2 : 3));
  return frame;
}
