// Owns the proof that REST does the same on an edge where a room does not live as on the one where it does.
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Service } from '../../schemas/management.ts';
import type { LiveRoom, Rooms } from '../rooms/live-room.ts';
import { createScene, hear, join, publish, type Scene } from '../rooms/scripted-scene.ts';
import { managementApp } from './app.ts';
import { removeWithSessions } from './room-session.ts';
import { ScriptedServer, type Reply } from './scripted-server.ts';

let scene: Scene;
let room: LiveRoom;
let elsewhere: Rooms;
let service: Service;
let call: (method: string, below?: string, body?: unknown) => Promise<Reply>;
beforeEach(async () => {
  scene = await createScene();
  await scene.worker('w1');
  room = await scene.edge('e1').open(scene.room);
  await room.execute(join('ann'));
  await room.execute(publish('ann', 'camera'));
  await scene.rest();
  elsewhere = scene.edge('e2');
  const server = await ScriptedServer.start();
  const { directory, once } = scene.ports;
  const [found] = await directory.services();
  if (found === undefined) throw new Error('the scene has a service');
  service = found;
  const app = managementApp({ ...server.deps, directory, once, rooms: elsewhere });
  call = async (method, below = '', body) => {
    const headers = { authorization: await server.header(service), 'content-type': 'application/json' };
    const content = body === undefined ? {} : { body: JSON.stringify(body) };
    let settled = false;
    const path = `/v1/rooms/${scene.room}${below}`;
    const reply = server.send(path, { method, headers, ...content }, app).finally(() => {
      settled = true;
    });
    while (!settled) await scene.clock.advance(0);
    return reply;
  };
});
afterEach(() => scene.close());

it('shows and changes what lives on another edge', async () => {
  expect(await call('GET', '/participants')).toMatchObject({ status: 200, json: [{ id: 'ann' }] });
  expect(await call('GET', '/streams/camera')).toMatchObject({ status: 200, json: { id: 'camera' } });
  const patch = [{ op: 'replace', path: '/permission/publish/video', value: false }];
  expect((await call('PATCH', '/participants/ann', patch)).status).toBe(200);
  await scene.rest();
  expect(room.state.participants.get('ann')?.permission.publish).toEqual({ audio: true, video: false });
  expect((await call('DELETE', '/participants/ann')).status).toBe(200);
  await scene.rest();
  expect(room.state.participants.has('ann')).toBe(false);
});

it('deletes a room with its session on another edge, whose participants are told', async () => {
  const heard = hear(room);
  expect(await call('DELETE')).toMatchObject({ status: 200, text: 'Room deleted' });
  await scene.rest();
  expect(room.state.document).toBeUndefined();
  expect(heard.notices().map(({ notice }) => notice.type)).toContain('dropped');
  expect((await call('DELETE')).status).toBe(404);
});

it('ends no session of rooms that were not removed', async () => {
  const deps = { rooms: elsewhere, log: { info: silent, warn: silent, error: silent } };
  expect(await removeWithSessions(deps, [scene.room], () => Promise.resolve(false))).toBe(false);
  await scene.rest();
  expect(room.state.participants.has('ann')).toBe(true);
});

it('removes rooms whose session cannot be reached, and says so', async () => {
  const errors: string[] = [];
  const log = { info: silent, warn: silent, error: (message: string) => void errors.push(message) };
  const rooms = { ...elsewhere, reach: () => Promise.reject(new Error('away')) };
  expect(await removeWithSessions({ rooms, log }, [scene.room], () => Promise.resolve(true))).toBe(true);
  expect(errors).toEqual(['Closing a deleted room failed']);
});

function silent(): void {
  // Nobody listens.
}
