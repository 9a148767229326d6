// Owns what happens when the times of a room's schedule come: webhooks are told, and a room that closes ends for those who
// are still inside. That nobody joins outside of these times is the rooms' own rule.
import * as v from 'valibot';
import type { RoomSchedule } from '../../schemas/room.ts';
import type { Clock } from '../clock.ts';
import type { Rooms } from '../rooms/live-room.ts';
import type { Directory } from '../store/directory.ts';
import type { Jobs } from '../store/jobs.ts';
import type { WebhookOutbox } from './webhook-outbox.ts';

const kind = 'schedule';
const tries = { most: 8, firstDelayMs: 1000 };
const jobSchema = v.object({ room: v.string(), what: v.picklist(['opensAt', 'closesAt']), at: v.number() });
type ScheduleJob = v.InferOutput<typeof jobSchema>;

/** Makes these the times of the room, and no others. Rejects as `Jobs.add`. */
export async function scheduleRoom(
  jobs: Pick<Jobs, 'add' | 'cancel'>,
  room: string,
  schedule: RoomSchedule = {},
): Promise<void> {
  for (const what of ['opensAt', 'closesAt'] as const) {
    const at = schedule[what];
    const id = `${room}.${what}`;
    const data: ScheduleJob = { room, what, at: at ?? 0 };
    if (at === undefined) await jobs.cancel(kind, id);
    else await jobs.add({ kind, id, data, at, tries });
  }
}

/** Does what falls due. Jobs that did not outlive the last process are made anew. */
export async function startSchedules(deps: {
  readonly directory: Pick<Directory, 'services' | 'rooms' | 'room'>;
  readonly jobs: Jobs;
  readonly rooms: Pick<Rooms, 'reach'>;
  readonly webhooks: Pick<WebhookOutbox, 'tell'>;
  readonly clock: Clock;
}): Promise<() => void> {
  const { directory, jobs, rooms, webhooks, clock } = deps;

  async function fallDue({ room: id, what, at }: ScheduleJob): Promise<void> {
    const found = await directory.room(id);
    // The schedule has changed since.
    if (found?.room.schedule?.[what] !== at) return;
    if (what === 'closesAt') {
      const live = await rooms.reach(id);
      const outcome = await live?.execute({ type: 'close', reason: 'The room has closed' });
      if (outcome?.ok === false) throw new Error(outcome.refusal.message);
    }
    const type = what === 'opensAt' ? 'schedule.opened' : 'schedule.closed';
    webhooks.tell(found.service, { id: `${id}.${what}.${at}`, type, at, room: id });
  }

  if (!jobs.lasting) {
    for (const { _id: service } of await directory.services()) {
      for (const { _id, schedule } of await directory.rooms(service)) {
        if (schedule !== undefined) await scheduleRoom(jobs, _id, upcoming(schedule, clock.now()));
      }
    }
  }
  return jobs.work(kind, ({ data }) => fallDue(v.parse(jobSchema, data)));
}

function upcoming({ opensAt = 0, closesAt = 0 }: RoomSchedule, now: number): RoomSchedule {
  return { ...(opensAt > now && { opensAt }), ...(closesAt > now && { closesAt }) };
}
