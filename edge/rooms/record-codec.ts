// Owns the bytes of one log entry: JSON of what a `LogRecord` holds, which is read in half the time of MessagePack; every
// edge of a room reads every entry. What cannot be read is nothing, never an exception.
import { logRecord, type LogRecord, type RoomEvent } from './event.ts';

const eventTypes: Readonly<Record<RoomEvent['type'], true>> = {
  'room-opened': true,
  'transcoders-learned': true,
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

const encoder = new TextEncoder();
const decoder = new TextDecoder();
const readTogether = 100;
/** What goes to clients as MessagePack may be no deeper, and their own part of an entry lies some steps down. */
const maxDepth = 100;

/**
 * A list, which is read faster than a map: `at`, `edge`, the event, and as far as there are any `n` (or null) and the client
 * command's participant and id. What is undefined is left out. Throws on values nested deeper than 100.
 */
export function encodeRecord({ at, edge, event, n, by }: LogRecord): Uint8Array {
  const text = JSON.stringify(
    by ? [at, edge, event, n ?? null, by.participant, by.cid] : [at, edge, event, n ?? null],
  );
  if (text.length > 2 * maxDepth && depthOf(text) > maxDepth)
    throw new RangeError('Too deep for a log entry');
  return encoder.encode(text);
}

/** Undefined for bytes that are no record of a kind known here. */
export function decodeRecord(bytes: Uint8Array): LogRecord | undefined {
  try {
    return recordOf(JSON.parse(decoder.decode(bytes)));
  } catch {
    return undefined;
  }
}

/** As `decodeRecord` of each. Read together they cost a fifth less than one by one. */
export function decodeRecords(all: readonly Uint8Array[]): readonly (LogRecord | undefined)[] {
  const records: (LogRecord | undefined)[] = [];
  for (let at = 0; at < all.length; at += readTogether) {
    const some = all.slice(at, at + readTogether);
    const values = parsedTogether(some);
    for (const [index, bytes] of some.entries()) {
      records.push(values === undefined ? decodeRecord(bytes) : recordOf(values[index]));
    }
  }
  return records;
}

/** Undefined when one of them cannot be read. */
function parsedTogether(some: readonly Uint8Array[]): readonly unknown[] | undefined {
  const texts = some.map((bytes) => decoder.decode(bytes));
  try {
    const values: unknown = JSON.parse(`[${texts.join()}]`);
    return Array.isArray(values) && values.length === some.length ? values : undefined;
  } catch {
    return undefined;
  }
}

/** How deep the lists and maps of a JSON text lie in each other. */
function depthOf(json: string): number {
  let [depth, deepest, quoted] = [0, 0, false];
  for (let at = 0; at < json.length; at += 1) {
    const char = json[at];
    if (quoted) {
      if (char === '\\') at += 1;
      else if (char === '"') quoted = false;
    } else if (char === '"') quoted = true;
    else if (char === '[' || char === '{') deepest = Math.max(deepest, (depth += 1));
    else if (char === ']' || char === '}') depth -= 1;
  }
  return deepest;
}

/** Its frame is checked. Its event was made by an edge of ours from checked input: it is trusted by its type. */
function recordOf(value: unknown): LogRecord | undefined {
  if (!Array.isArray(value)) return undefined;
  // By index: taking the list apart by a pattern costs as much as reading its bytes.
  const list: readonly unknown[] = value;
  const [at, edge, event, n] = [list[0], list[1], list[2], list[3]];
  if (typeof at !== 'number' || typeof edge !== 'string' || !isEvent(event)) return undefined;
  if (n !== null && typeof n !== 'number') return undefined;
  if (list.length === 4) return logRecord({ at, edge, n: n ?? undefined, by: undefined }, event);
  const [participant, cid] = [list[4], list[5]];
  if (typeof participant !== 'string' || typeof cid !== 'number') return undefined;
  return logRecord({ at, edge, n: n ?? undefined, by: { participant, cid } }, event);
}

function isEvent(value: unknown): value is RoomEvent {
  return (
    typeof value === 'object' &&
    value !== null &&
    'type' in value &&
    typeof value.type === 'string' &&
    Object.hasOwn(eventTypes, value.type)
  );
}
