// Owns bringing exported rooms into a service: one by one, so that a bad one stops no other, under the ids they had. What
// a room becomes is in exported-room.ts, who may ask in import.ts.
import { refusalOf, SluiceError } from '../../schemas/error.ts';
import type { ImportedRoom, ImportRooms } from '../../schemas/room-import.ts';
import { importLimits } from '../../schemas/room-import.ts';
import type { RoomDocument } from '../../schemas/room.ts';
import type { Directory } from '../store/directory.ts';
import type { SecretBox } from '../tokens/secret-box.ts';
import { exportedId, movedRoom } from './exported-room.ts';
import { fieldChanges } from './field-changes.ts';

export interface ImportDeps {
  readonly directory: Directory;
  readonly box: SecretBox;
}

const differs = 'It is there already and differs; ask for an update to replace it';

/** What became of each room, in their order. Rejects only when the directory itself fails. */
export async function importRooms(
  { directory, box }: ImportDeps,
  service: string,
  { rooms, update, dryRun }: ImportRooms,
): Promise<readonly ImportedRoom[]> {
  const seen = new Set<string>();

  async function one(value: unknown): Promise<ImportedRoom> {
    const id = exportedId(value) ?? '';
    const named = { id, name: nameOf(value), changes: [] };
    try {
      if (id !== '' && seen.has(id))
        throw new SluiceError('bad-request', 'Another room before it has the same _id');
      const { document, changes } = movedRoom(value);
      seen.add(id);
      const found = await directory.room(id);
      if (found !== undefined && found.service !== service)
        throw new SluiceError('bad-request', 'Its _id belongs to a room of another service');
      return { ...named, changes, ...(await stored(document, found?.room)) };
    } catch (error) {
      const { code, message } = refusalOf(error);
      if (code !== 'bad-request') throw error;
      return { ...named, status: 'refused', reason: message };
    }
  }

  async function stored(
    room: RoomDocument,
    before: RoomDocument | undefined,
  ): Promise<Pick<ImportedRoom, 'status' | 'reason'>> {
    if (before === undefined) {
      if (dryRun) return { status: 'created' };
      try {
        await directory.createRoom(service, await sealed(room));
        return { status: 'created' };
      } catch (error) {
        // Somebody may have brought it since it was looked for.
        const made = await directory.room(room._id);
        if (made?.service !== service) throw error;
        return stored(room, made.room);
      }
    }
    if (areSame(room, await opened(before))) return { status: 'exists' };
    if (!update) return { status: 'exists', reason: differs };
    if (!dryRun && !(await directory.updateRoom(service, await sealed(room))))
      throw new SluiceError('bad-request', 'It was deleted meanwhile');
    return { status: 'updated' };
  }

  async function sealed(room: RoomDocument): Promise<RoomDocument> {
    const { sip } = room;
    return sip === undefined ? room : { ...room, sip: { ...sip, password: await box.seal(sip.password) } };
  }

  async function opened(room: RoomDocument): Promise<RoomDocument> {
    const { sip } = room;
    if (sip === undefined) return room;
    return { ...room, sip: { ...sip, password: (await box.open(sip.password)) ?? '' } };
  }

  const outcomes: ImportedRoom[] = [];
  for (const room of rooms) outcomes.push(await one(room));
  return outcomes;
}

function nameOf(value: unknown): string {
  const name = typeof value === 'object' && value !== null && 'name' in value ? value.name : '';
  return typeof name === 'string' ? name.slice(0, importLimits.shownChars) : '';
}

function areSame(a: RoomDocument, b: RoomDocument): boolean {
  return fieldChanges(a, b).length === 0 && fieldChanges(b, a).length === 0;
}
