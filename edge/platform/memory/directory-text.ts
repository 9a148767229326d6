// Owns the saved form of the in-memory directory: one JSON text. Version 1, without ids of keys, is still read.
import * as v from 'valibot';
import { SluiceError } from '../../../schemas/error.ts';
import { serviceSchema, type Service } from '../../../schemas/management.ts';
import { roomDocumentSchema } from '../../../schemas/room.ts';
import type { RoomEntry } from '../../store/directory.ts';
import type { KeyRing } from '../../store/key-ring.ts';

export interface DirectoryContent {
  readonly services: Map<string, Service>;
  readonly rooms: Map<string, RoomEntry>;
  readonly keys: Map<string, KeyRing>;
}

const keySchema = v.object({
  id: v.string(),
  secret: v.string(),
  since: v.number(),
  until: v.exactOptional(v.number()),
});
const common = {
  services: v.array(serviceSchema),
  rooms: v.array(
    v.object({ service: v.string(), room: roomDocumentSchema, home: v.exactOptional(v.string()) }),
  ),
};
const savedSchema = v.variant('version', [
  v.object({ version: v.literal(1), ...common, secrets: v.record(v.string(), v.string()) }),
  v.object({
    version: v.literal(2),
    ...common,
    keys: v.record(v.string(), v.object({ current: keySchema, previous: v.array(keySchema) })),
  }),
]);

/** The whole directory as text. */
export function writeDirectory(content: DirectoryContent): string {
  const saved = {
    version: 2,
    services: [...content.services.values()],
    rooms: [...content.rooms.values()],
    keys: Object.fromEntries(content.keys),
  };
  return `${JSON.stringify(saved, undefined, 1)}\n`;
}

/** Reads `writeDirectory`'s text. Throws SluiceError `internal` when it is damaged: it is never overwritten unread. */
export function readDirectory(text: string | undefined): DirectoryContent {
  if (text === undefined) return { services: new Map(), rooms: new Map(), keys: new Map() };
  let saved;
  try {
    saved = v.parse(savedSchema, JSON.parse(text));
  } catch (cause) {
    throw new SluiceError('internal', 'The saved directory is damaged: repair or remove its file', cause);
  }
  return {
    services: new Map(saved.services.map((service) => [service._id, service])),
    rooms: new Map(saved.rooms.map((entry) => [entry.room._id, entry])),
    keys: new Map(
      saved.version === 1 ? Object.entries(saved.secrets).map(fromSecret) : Object.entries(saved.keys),
    ),
  };
}

/** A secret of version 1 as a ring of one key, as old as can be: it is replaced as soon as keys have an age. */
function fromSecret([name, secret]: [string, string]): [string, KeyRing] {
  return [name, { current: { id: '00000000', secret, since: 0 }, previous: [] }];
}
