// Owns what one exported OWT service says: its id, name, key in clear, and whose rooms are whose. Pure.
import { plain } from './extended-json.ts';
import { decryptOwt } from './owt-cipher.ts';

export interface OwtService {
  readonly id: string;
  readonly name: string;
  /** Absent when it cannot be read. */
  readonly key?: string;
  /** Ids of its rooms that stand elsewhere, in lower case. */
  readonly rooms: readonly string[];
  /** Services of 3.4 and older hold their rooms themselves, as they were exported. */
  readonly held: readonly unknown[];
}

/** Where keys come from that the export has encrypted: the operator's list by service id, then the cipher's own key. */
export interface ServiceKeys {
  readonly given: ReadonlyMap<string, string>;
  readonly cipherKey: string;
}

/** The service, or what is wrong with it. Throws RangeError for what is nested too deeply. */
export function owtService(exported: unknown, keys: ServiceKeys): OwtService | string {
  if (!isRecord(exported)) return 'not a service';
  const id = idOf(plain(exported._id ?? exported.id));
  const { name } = exported;
  if (id === undefined) return 'a service without an _id of 24 hex digits';
  if (typeof name !== 'string' || name === '') return `service ${id} has no name`;
  const rooms: readonly unknown[] = Array.isArray(exported.rooms) ? exported.rooms : [];
  const held = rooms.filter((room) => isRecord(room) && 'name' in room);
  const key = clearKey(id, exported.key, exported.encrypted === true, keys);
  return {
    id,
    name,
    ...(key === undefined ? {} : { key }),
    rooms: rooms.flatMap((room) => (held.includes(room) ? [] : (idOf(plain(room)) ?? []))),
    held,
  };
}

/** An id in lower case; undefined when it is none. */
export function idOf(value: unknown): string | undefined {
  return typeof value === 'string' && /^[0-9a-f]{24}$/i.test(value) ? value.toLowerCase() : undefined;
}

function clearKey(
  id: string,
  key: unknown,
  encrypted: boolean,
  { given, cipherKey }: ServiceKeys,
): string | undefined {
  const known = given.get(id);
  if (known !== undefined) return known;
  if (typeof key !== 'string' || key === '') return undefined;
  return encrypted ? decryptOwt(key, cipherKey) : key;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
