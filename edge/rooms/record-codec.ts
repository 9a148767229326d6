// Owns the bytes of one log entry: MessagePack of `LogRecord`. What cannot be read is nothing, never an exception.
import { decode, Encoder } from '@msgpack/msgpack';
import type { LogRecord, RoomEvent } from './event.ts';

const eventTypes: Readonly<Record<RoomEvent['type'], true>> = {
  'room-opened': true,
  'room-closed': true,
  'schedule-changed': true,
  'participant-joined': true,
  'participant-attached': true,
  'participant-left': true,
  'permission-changed': true,
  'transport-opened': true,
  'transport-placed': true,
  'transport-ready': true,
  'transport-closed': true,
  'publication-requested': true,
  'publication-ready': true,
  'publication-changed': true,
  'publication-ended': true,
  'stream-status-changed': true,
  'subscription-requested': true,
  'subscription-ready': true,
  'subscription-changed': true,
  'subscription-replaced': true,
  'subscription-restored': true,
  'subscription-ended': true,
  'stream-mixed': true,
  'stream-unmixed': true,
  'region-set': true,
  'layout-set': true,
  'speaker-heard': true,
  'audio-selected': true,
  'mixing-placed': true,
  'mixing-displaced': true,
  'text-sent': true,
};

const encoder = new Encoder({ ignoreUndefined: true });

/** What is undefined is left out. Throws on what MessagePack cannot carry, such as values nested deeper than 100. */
export function encodeRecord(record: LogRecord): Uint8Array {
  return encoder.encode(record);
}

/** Undefined for bytes that are no record of a kind known here. */
export function decodeRecord(bytes: Uint8Array): LogRecord | undefined {
  try {
    const value = decode(bytes);
    return isRecord(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** The frame of a record. Its event was made by an edge of ours from checked input: it is trusted by its type. */
function isRecord(value: unknown): value is LogRecord {
  return (
    isObject(value) &&
    typeof value.at === 'number' &&
    typeof value.edge === 'string' &&
    (value.n === undefined || typeof value.n === 'number') &&
    isObject(value.event) &&
    typeof value.event.type === 'string' &&
    Object.hasOwn(eventTypes, value.event.type) &&
    (value.by === undefined || isCommandId(value.by))
  );
}

function isCommandId(value: unknown): boolean {
  return isObject(value) && typeof value.participant === 'string' && typeof value.cid === 'number';
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
