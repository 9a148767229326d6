// Owns the room resource itself (spec rest-api §5). What lies below a room is in the files of the other resources.
import { Hono } from 'hono';
import { refusalOf, SluiceError } from '../../schemas/error.ts';
import type { RoomDocument } from '../../schemas/room.ts';
import { scheduleRoom } from '../jobs/room-schedule.ts';
import type { ResourceDeps, ResourceEnv } from './resource-env.ts';
import { maskedPassword, newRoomDocument, updatedRoomDocument } from './room-document.ts';
import { execute, removeWithSessions } from './room-session.ts';

/** Routes relative to `/rooms`; the room of a path is in the context already. */
export function roomRoutes(deps: ResourceDeps): Hono<ResourceEnv> {
  const { directory, box, jobs, rooms } = deps;
  const app = new Hono<ResourceEnv>();

  /** What is stored carries no SIP password in clear; an unchanged one is sealed already. */
  async function sealed(room: RoomDocument, before?: RoomDocument): Promise<RoomDocument> {
    const { sip } = room;
    if (sip === undefined || sip.password === before?.sip?.password) return room;
    return { ...room, sip: { ...sip, password: await box.seal(sip.password) } };
  }

  /** Those who are in the room, and those who come to it, are under the new schedule at once. */
  async function reschedule(room: RoomDocument, before?: RoomDocument): Promise<void> {
    const { _id: id, schedule } = room;
    if (schedule === undefined && before?.schedule === undefined) return;
    try {
      await scheduleRoom(jobs, id, schedule);
      const live = before === undefined ? undefined : await rooms.reach(id);
      if (live) await execute(live, { type: 'reschedule', ...(schedule && { schedule }) });
    } catch (error) {
      const { code, message } = refusalOf(error);
      throw new SluiceError(
        code,
        `The room ${id} is stored, its schedule is not in force: ${message}`,
        error,
      );
    }
  }

  app.post('/', async (c) => {
    // The directory gives the id.
    const room = await sealed(newRoomDocument('', c.get('body')));
    const made = await directory.createRoom(c.get('caller').service._id, room);
    await reschedule(made);
    return c.json(roomResource(made));
  });

  app.get('/', async (c) => {
    const all = await directory.rooms(c.get('caller').service._id);
    return c.json(page(all, c.req.query('page'), c.req.query('per_page')).map(roomResource));
  });

  app.get('/:room', (c) => c.json(roomResource(c.get('room'))));

  app.put('/:room', async (c) => {
    const before = c.get('room');
    const room = await sealed(updatedRoomDocument(before, c.get('body')), before);
    if (!(await directory.updateRoom(c.get('caller').service._id, room)))
      throw new SluiceError('room-not-found', 'Room not found');
    await reschedule(room, before);
    return c.json(roomResource(room));
  });

  app.patch('/:room', () => {
    throw new SluiceError('not-implemented', 'Not implemented');
  });

  app.delete('/:room', async (c) => {
    const { _id: id } = c.get('room');
    const { _id: service } = c.get('caller').service;
    if (!(await removeWithSessions(deps, [id], () => directory.removeRoom(service, id))))
      throw new SluiceError('room-not-found', 'Room not found');
    return c.text('Room deleted');
  });

  return app;
}

/** As REST shows a room: with `id` beside `_id`, which some replies of the original had, and no password. */
function roomResource(room: RoomDocument) {
  const { sip } = room;
  return {
    ...room,
    id: room._id,
    ...(sip === undefined ? {} : { sip: { ...sip, password: maskedPassword } }),
  };
}

/** One page, counted from 1; all without a page size. What is not a positive number counts as absent. */
function page<T>(
  all: readonly T[],
  pageText: string | undefined,
  sizeText: string | undefined,
): readonly T[] {
  const size = positive(sizeText);
  if (size === undefined) return all;
  const first = ((positive(pageText) ?? 1) - 1) * size;
  return all.slice(first, first + size);
}

function positive(text: string | undefined): number | undefined {
  const value = Math.floor(Number(text));
  return value > 0 ? value : undefined;
}
