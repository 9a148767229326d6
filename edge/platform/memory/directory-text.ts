// Owns the saved form of the in-memory directory: one JSON text.
import * as v from 'valibot';
import { SluiceError } from '../../../schemas/error.ts';
import { serviceSchema, type Service, type TokenRecord } from '../../../schemas/management.ts';
import { originSchema, roomDocumentSchema, type RoomDocument } from '../../../schemas/room.ts';

export interface DirectoryContent {
  readonly services: Map<string, Service>;
  readonly rooms: Map<string, { readonly service: string; readonly room: RoomDocument }>;
  readonly tokens: Map<string, TokenRecord>;
  readonly secrets: Map<string, string>;
}

const tokenSchema = v.object({
  tokenId: v.string(),
  user: v.string(),
  role: v.string(),
  room: v.string(),
  service: v.string(),
  createdAt: v.number(),
  origin: originSchema,
  host: v.string(),
  secure: v.boolean(),
});

const savedSchema = v.object({
  version: v.literal(1),
  services: v.array(serviceSchema),
  rooms: v.array(v.object({ service: v.string(), room: roomDocumentSchema })),
  tokens: v.array(tokenSchema),
  secrets: v.record(v.string(), v.string()),
});

/** The whole directory as text. */
export function writeDirectory(content: DirectoryContent): string {
  const saved: v.InferInput<typeof savedSchema> = {
    version: 1,
    services: [...content.services.values()],
    rooms: [...content.rooms.values()],
    tokens: [...content.tokens.values()],
    secrets: Object.fromEntries(content.secrets),
  };
  return `${JSON.stringify(saved, undefined, 1)}\n`;
}

/** Reads `writeDirectory`'s text. Throws SluiceError `internal` when it is damaged: it is never overwritten unread. */
export function readDirectory(text: string | undefined): DirectoryContent {
  if (text === undefined) {
    return { services: new Map(), rooms: new Map(), tokens: new Map(), secrets: new Map() };
  }
  let saved;
  try {
    saved = v.parse(savedSchema, JSON.parse(text));
  } catch (cause) {
    throw new SluiceError('internal', 'The saved directory is damaged: repair or remove its file', cause);
  }
  return {
    services: new Map(saved.services.map((service) => [service._id, service])),
    rooms: new Map(saved.rooms.map((entry) => [entry.room._id, entry])),
    tokens: new Map(saved.tokens.map((token) => [token.tokenId, token])),
    secrets: new Map(Object.entries(saved.secrets)),
  };
}
