// Owns what one exported OWT room is as REST takes it: plain JSON with its SIP password in clear. What a room may be is
// the server's to say.
import { plain } from './extended-json.ts';
import { decryptOwt } from './owt-cipher.ts';
import { idOf } from './owt-service.ts';

export interface OwtRoom {
  /** Undefined when it has none, which the server will refuse. */
  readonly id: string | undefined;
  readonly name: string;
  readonly room: unknown;
  /** What could not be read and was left out. */
  readonly notes: readonly string[];
}

/** Throws RangeError for what is nested too deeply. */
export function owtRoom(exported: unknown, cipherKey: string): OwtRoom {
  const room = plain(exported);
  if (!isRecord(room)) return { id: undefined, name: '', room, notes: [] };
  const id = idOf(room._id ?? room.id);
  const name = typeof room.name === 'string' ? room.name : '';
  const { sip, ...others } = room;
  // REST lists rooms with their passwords in clear, and then with `id` beside `_id`; the database has them encrypted.
  if (!isRecord(sip) || typeof sip.password !== 'string' || 'id' in room)
    return { id, name, room, notes: [] };
  if (!/^([0-9a-f]{2})+$/i.test(sip.password)) return { id, name, room, notes: [] };
  const password = decryptOwt(sip.password, cipherKey);
  if (password !== undefined) return { id, name, room: { ...others, sip: { ...sip, password } }, notes: [] };
  const note = 'sip: its password was encrypted with another key; give the account again';
  return { id, name, room: others, notes: [note] };
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
