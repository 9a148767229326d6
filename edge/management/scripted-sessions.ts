// Owns the setting of tests about sessions of the server itself: the whole management interface over live rooms on memory
// ports, a clock that stands still, and scripted workers of every purpose.
import type { Purpose } from '../../schemas/worker.ts';
import type { LiveRoom, Rooms } from '../rooms/live-room.ts';
import { createScene, join, publish, type Scene } from '../rooms/scripted-scene.ts';
import { createScriptedWorker, type ScriptedWorker } from '../rooms/scripted-worker.ts';
import { managementApp } from './app.ts';
import { newRoomDocument } from './room-document.ts';
import { ScriptedServer, type Reply } from './scripted-server.ts';

const both = { audio: true, video: true };

export interface SessionScene {
  readonly scene: Scene;
  readonly rooms: Rooms;
  /** The path of the room, in `v1` unless another version is named. */
  path(below: string, version?: string): string;
  /** A signed request, answered while time stands still. */
  call(method: string, path: string, body?: unknown): Promise<Reply>;
  /** The same, not waited for. */
  begin(method: string, path: string, body?: unknown): Promise<Reply>;
  /** What comes of it while time stands still. */
  answered<T>(pending: Promise<T>): Promise<T>;
  /** Lets a request come as far as that while time stands still. */
  until(so: () => boolean): Promise<void>;
  /** Lets what no request is waited for come to rest. */
  rest(): Promise<void>;
  /** A worker that is announced with these purposes and stays so. */
  worker(id: string, purposes: Purpose[], eager?: boolean, algorithms?: string[]): Promise<ScriptedWorker>;
  /** The room, live, in which `alice` has joined and publishes `camera` (opus, VP8). Needs a webrtc worker. */
  inhabited(): Promise<LiveRoom>;
  close(): Promise<void>;
}

/** `options` are the room's, as REST would be sent them. */
export async function createSessionScene(options: Record<string, unknown> = {}): Promise<SessionScene> {
  const scene = await createScene(newRoomDocument('', { name: 'weekly', options }));
  const rooms = scene.edge('e1', { settings: { transcoders: () => Promise.resolve(both) } });
  const server = await ScriptedServer.start();
  const { directory, once } = scene.ports;
  const app = managementApp({ ...server.deps, directory, once, rooms, clock: scene.clock });
  const [service] = await directory.services();
  if (service === undefined) throw new Error('the scene has a service');

  const stage: SessionScene = {
    scene,
    rooms,
    path: (below, version = 'v1') => `/${version}/rooms/${scene.room}/${below}`,
    async begin(method, path, body) {
      const authorization = await server.header(service);
      const headers = { authorization, 'content-type': 'application/json' };
      const content = body === undefined ? {} : { body: JSON.stringify(body) };
      return server.send(path, { method, headers, ...content }, app);
    },
    call: (method, path, body) => stage.answered(stage.begin(method, path, body)),
    async answered(pending) {
      let settled = false;
      const done = pending.finally(() => {
        settled = true;
      });
      while (!settled) await scene.clock.advance(0);
      return done;
    },
    async until(so) {
      while (!so()) await scene.clock.advance(0);
    },
    async rest() {
      for (let turns = 0; turns < 50; turns += 1) await scene.clock.advance(0);
    },
    async worker(id, purposes, eager = true, algorithms) {
      const worker = createScriptedWorker(scene.ports.bus, id, eager);
      const capacity = { isps: [], regions: [], ...(algorithms === undefined ? {} : { algorithms }) };
      const load = Object.fromEntries(purposes.map((purpose) => [purpose, 0]));
      const announce = () => worker.announce({ purposes, load, capacity });
      worker.dying = scene.clock.every(1000, announce);
      announce();
      await scene.rest();
      return worker;
    },
    async inhabited() {
      const room = await rooms.open(scene.room);
      await room.execute(join('alice'));
      await room.execute(publish('alice', 'camera'));
      await scene.rest();
      return room;
    },
    close: () => scene.close(),
  };
  return stage;
}
