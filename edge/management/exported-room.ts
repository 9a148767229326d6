// Owns what a room exported from an OWT server becomes here: its own id, today's document by the same rules as any new
// room, and what of it did not come along. It forgives what OWT stored without looking at it. Pure; storing is elsewhere.
import * as v from 'valibot';
import { SluiceError } from '../../schemas/error.ts';
import { objectIdSchema } from '../../schemas/object-id.ts';
import { type FieldChange, importLimits } from '../../schemas/room-import.ts';
import { roomOptionsSchema } from '../../schemas/room-input.ts';
import type { RoomDocument } from '../../schemas/room.ts';
import { fieldChanges, shown } from './field-changes.ts';
import { isLegacyRoom } from './legacy-room.ts';
import { legacyChanges } from './legacy-changes.ts';
import { maskedPassword, newRoomDocument, withoutNulls } from './room-document.ts';

type Fields = Readonly<Record<string, unknown>>;

export interface MovedRoom {
  readonly document: RoomDocument;
  readonly changes: readonly FieldChange[];
}

/** Members of an export that are no settings. */
const bookkeeping = new Set(['_id', 'id', '__v', 'name']);
const formats = v.pick(roomOptionsSchema, ['mediaIn', 'mediaOut']);
const account = v.required(v.pick(roomOptionsSchema, ['sip']));

/** The id of an exported room, in lower case; undefined when it has none that can be kept. */
export function exportedId(value: unknown): string | undefined {
  const id = v.safeParse(objectIdSchema, isFields(value) ? (value._id ?? value.id) : undefined);
  return id.success ? id.output : undefined;
}

/** The document and what was lost. Throws SluiceError `bad-request` with the reason when it cannot be a room here. */
export function movedRoom(value: unknown): MovedRoom {
  const id = exportedId(value);
  if (!isFields(value) || id === undefined) throw new SluiceError('bad-request', 'No _id of 24 hex digits');
  const { name } = value;
  // Places in lists are counted as the check sees them.
  const given = withoutNulls(
    Object.fromEntries(Object.entries(value).filter(([field]) => !bookkeeping.has(field))),
  );
  if (JSON.stringify(given).length > importLimits.roomChars)
    throw new SluiceError('bad-request', 'Larger than a room may be');
  const legacy = isLegacyRoom(given);
  const { options, dropped } = legacy ? { options: given, dropped: [] } : forgiven(given);
  const document = newRoomDocument(id, { name, options });
  const changes = legacy ? legacyChanges(given, document) : fieldChanges(options, document);
  return { document, changes: [...dropped, ...changes].slice(0, importLimits.changes).map(withoutSecret) };
}

/** Drops what the original kept without looking at it and nobody can use, and what is not really there. */
function forgiven(given: Fields): { readonly options: Fields; readonly dropped: readonly FieldChange[] } {
  const lists = withoutBadFormats(given);
  const { sip, ...others } = lists.options;
  if (sip === undefined || sip === null) return { ...lists, options: others };
  const masked = isFields(sip) && sip.password === maskedPassword;
  if (v.is(account, { sip }) && !masked) return lists;
  // An account that was never filled in is stored as an empty object.
  const empty = isFields(sip) && Object.values(sip).every((each) => each === null || each === '');
  const reason = masked ? 'Its password is masked' : 'It is not complete';
  const dropped = empty ? [] : [{ field: 'sip', was: shown(sip), reason }];
  return { options: others, dropped: [...lists.dropped, ...dropped] };
}

/** Lists of formats and parameters were never checked; the console wrote words of its own into them. */
function withoutBadFormats(options: Fields): {
  readonly options: Fields;
  readonly dropped: readonly FieldChange[];
} {
  const result = v.safeParse(formats, options);
  if (result.success) return { options, dropped: [] };
  const bad = new Map<string, FieldChange>();
  for (const { path = [], message } of result.issues) {
    const list = path.findIndex(({ type }) => type === 'array');
    const entry = path[list];
    if (entry === undefined || typeof entry.key !== 'number') continue;
    const names = path.slice(0, list).map(({ key }) => String(key));
    const field = `${names.join('.')}[${entry.key}]`;
    bad.set(field, { field, was: shown(entry.value), reason: message });
  }
  const [mediaIn, mediaOut] = (['mediaIn', 'mediaOut'] as const).map((field) =>
    without(options[field], field, bad),
  );
  return { options: { ...options, mediaIn, mediaOut }, dropped: [...bad.values()] };
}

function without(value: unknown, field: string, bad: ReadonlyMap<string, unknown>): unknown {
  if (Array.isArray(value)) return value.filter((_, index) => !bad.has(`${field}[${index}]`));
  if (!isFields(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [name, without(member, `${field}.${name}`, bad)]),
  );
}

function withoutSecret(change: FieldChange): FieldChange {
  return /^sip(Info)?\b/.test(change.field) ? { ...change, was: '…' } : change;
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
