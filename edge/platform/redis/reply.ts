// Owns taking apart what scripts reply. A reply of another shape than the script's header promises is an error of ours.
import { SluiceError } from '../../../schemas/error.ts';
import type { Reply } from './connection.ts';

const decoder = new TextDecoder();

export function listOf(reply: Reply | undefined): readonly Reply[] {
  return typeof reply === 'object' && reply !== null && !(reply instanceof Uint8Array) ? reply : unexpected();
}

export function numberOf(reply: Reply | undefined): number {
  return typeof reply === 'number' ? reply : unexpected();
}

export function bytesOf(reply: Reply | undefined): Uint8Array {
  return reply instanceof Uint8Array ? reply : unexpected();
}

export function textOf(reply: Reply | undefined): string {
  return decoder.decode(bytesOf(reply));
}

function unexpected(): never {
  throw new SluiceError('internal', 'Internal error', new Error('an unexpected reply from Redis'));
}
