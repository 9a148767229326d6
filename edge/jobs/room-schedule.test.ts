import { afterEach, beforeEach, expect, it } from 'vitest';
import { nodeRandom } from '../platform/node/random.ts';
import { createMemoryPorts } from '../platform/memory/ports.ts';
import type { RoomSchedule } from '../../schemas/room.ts';
import type { WebhookEvent } from '../../schemas/webhook.ts';
import type { LiveRoom } from '../rooms/live-room.ts';
import { createScene, hear, join, type Scene } from '../rooms/scripted-scene.ts';
import { scheduleRoom, startSchedules } from './room-schedule.ts';

let scene: Scene;
let service: string;
let room: LiveRoom;
let told: WebhookEvent[];
let stop: () => void;
const minutes = 60_000;

beforeEach(async () => {
  scene = await createScene();
  service = (await scene.ports.directory.services())[0]?._id ?? '';
  told = [];
  const rooms = scene.edge('e1');
  room = await rooms.open(scene.room);
  const { directory, jobs } = scene.ports;
  const webhooks = { tell: (_: string, event: WebhookEvent) => void told.push(event) };
  stop = await startSchedules({ directory, jobs, rooms, webhooks, clock: scene.clock });
});
afterEach(async () => {
  stop();
  await scene.close();
});

/** As REST does it. */
async function put(schedule: RoomSchedule | undefined): Promise<void> {
  const { directory, jobs } = scene.ports;
  const found = await directory.room(scene.room);
  if (!found) throw new Error();
  const { schedule: _, ...document } = found.room;
  await directory.updateRoom(service, { ...document, ...(schedule && { schedule }) });
  await scheduleRoom(jobs, scene.room, schedule);
  await room.execute({ type: 'reschedule', ...(schedule && { schedule }) });
}
const refusal = async (who: string) => {
  const outcome = await room.execute(join(who));
  return outcome.ok ? undefined : outcome.refusal.message;
};

it('nobody joins before a room opens, and webhooks are told when it does', async () => {
  const opensAt = scene.clock.now() + 5 * minutes;
  await put({ opensAt });
  expect(await refusal('ann')).toBe('Room is not open yet');
  await scene.clock.advance(10_000);
  expect(told).toEqual([]);
  const wait = async () => {
    for (let left = 5 * minutes; left > 0; left -= 10_000) {
      await scene.clock.advance(10_000);
      // Somebody waits at the door: the room stays.
      room = await scene.edge('e1').open(scene.room);
    }
  };
  await wait();
  expect(told).toEqual([
    { id: `${scene.room}.opensAt.${opensAt}`, type: 'schedule.opened', at: opensAt, room: scene.room },
  ]);
  expect(await refusal('ann')).toBeUndefined();
});

it('a room that closes ends for those inside, and nobody comes in after that', async () => {
  const closesAt = scene.clock.now() + 5 * minutes;
  await put({ closesAt });
  expect(await refusal('ann')).toBeUndefined();
  const heard = hear(room);
  await scene.clock.advance(4 * minutes);
  expect(room.state.participants.has('ann')).toBe(true);
  await scene.clock.advance(minutes);
  await scene.rest();
  expect(heard.notices().map(({ notice }) => notice.type)).toContain('dropped');
  expect(told.map(({ type, at }) => [type, at])).toEqual([['schedule.closed', closesAt]]);
  room = await scene.edge('e2').open(scene.room);
  expect(await refusal('bob')).toBe('Room is closed');
});

it.each([
  { how: 'put off', change: (at: number): RoomSchedule => ({ closesAt: at + 60 * minutes }) },
  { how: 'taken back', change: () => undefined },
])('a closing that was $how does not happen', async ({ change }) => {
  const closesAt = scene.clock.now() + 5 * minutes;
  await put({ closesAt });
  await refusal('ann');
  await put(change(closesAt));
  await scene.clock.advance(10 * minutes);
  expect(room.state.participants.has('ann')).toBe(true);
  expect(await refusal('bob')).toBeUndefined();
  expect(told).toEqual([]);
});

it('a job that is older than the schedule does nothing', async () => {
  const closesAt = scene.clock.now() + 5 * minutes;
  await put({ closesAt });
  await refusal('ann');
  // The store of jobs was away when the schedule changed.
  const found = await scene.ports.directory.room(scene.room);
  if (found) await scene.ports.directory.updateRoom(service, { ...found.room, schedule: {} });
  await scene.clock.advance(10 * minutes);
  expect(room.state.participants.has('ann')).toBe(true);
});

it('jobs that do not outlive a process are made anew by the next one, those to come', async () => {
  const closesAt = scene.clock.now() + 5 * minutes;
  await put({ opensAt: 1000, closesAt });
  await refusal('ann');
  stop();
  const { directory } = scene.ports;
  const { jobs } = await createMemoryPorts({ clock: scene.clock, random: nodeRandom });
  const webhooks = { tell: (_: string, event: WebhookEvent) => void told.push(event) };
  stop = await startSchedules({
    ...{ directory, jobs, webhooks, clock: scene.clock },
    rooms: { reach: () => Promise.resolve(room) },
  });
  await scene.clock.advance(10 * minutes);
  expect(room.state.document).toBeUndefined();
  expect(told.map(({ type }) => type)).toEqual(['schedule.closed']);
});
