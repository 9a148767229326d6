// Owns the setting of tests about live rooms: ports in memory, a clock that stands still, edges and scripted workers.
import { channels, type Unsubscribe } from '../../schemas/bus.ts';
import type { AddressedNotice, Notice } from '../../schemas/notice.ts';
import type { AliveAnnouncement } from '../../schemas/worker.ts';
import { watchWorkers } from '../cluster/worker-watch.ts';
import { createManualClock, type ManualClock } from '../platform/memory/manual-clock.ts';
import { createMemoryPorts } from '../platform/memory/ports.ts';
import { createLog } from '../platform/node/log.ts';
import { nodeRandom } from '../platform/node/random.ts';
import { roomDocument } from '../store/conformance/room-document.ts';
import type { Ports } from '../store/ports.ts';
import type { Command } from './command.ts';
import type { LiveRoom, NoticeBatch, Outcome, Rooms } from './live-room.ts';
import type { RoomSettings } from './room-settings.ts';
import type { Witnessing } from './room-witness.ts';
import { createRooms } from './rooms.ts';
import { createScriptedWorker, type ScriptedWorker } from './scripted-worker.ts';

export interface Scene {
  readonly clock: ManualClock;
  readonly ports: Ports;
  readonly room: string;
  readonly lines: string[];
  /** An edge that is announced and stays so until it is killed. */
  edge(
    name: string,
    over?: { ports?: Partial<Ports>; settings?: Partial<RoomSettings>; witnessing?: Witnessing },
  ): Rooms;
  /** It is heard of no more; what it does goes on. */
  kill(edge: string): void;
  /** A worker that is announced and stays so. */
  worker(id: string, eager?: boolean): Promise<ScriptedWorker>;
  /** Lets everything come to rest. */
  rest(): Promise<void>;
  close(): Promise<void>;
}

export async function createScene(stored = roomDocument('room')): Promise<Scene> {
  const clock = createManualClock();
  const ports = await createMemoryPorts({ clock, random: nodeRandom });
  const service = await ports.directory.createService({ _id: '', name: 's', key: 'k', encrypted: false });
  const document = await ports.directory.createRoom(service._id, stored);
  const lines: string[] = [];
  const log = createLog({ name: 'test', write: (line) => void lines.push(line) });
  const stopWatch = watchWorkers({ ...ports, clock, log });
  const edges: Rooms[] = [];
  const announcing = new Map<string, Unsubscribe>();
  return {
    clock,
    ports,
    room: document._id,
    lines,
    edge(name, over = {}) {
      const rooms = createRooms({
        ports: { ...ports, ...over.ports },
        clock,
        random: nodeRandom,
        log,
        edge: name,
        ...(over.settings && { settings: over.settings }),
        witnessing: over.witnessing,
      });
      edges.push(rooms);
      const announce = () => ports.bus.publish(channels.workers, madeEdge(name));
      announcing.get(name)?.();
      announcing.set(name, clock.every(1000, announce));
      announce();
      return rooms;
    },
    kill(edge) {
      announcing.get(edge)?.();
    },
    async worker(id, eager) {
      const worker = createScriptedWorker(ports.bus, id, eager);
      const stopAnnouncing = clock.every(1000, () => worker.announce());
      worker.announce();
      await clock.advance(0);
      worker.dying = stopAnnouncing;
      return worker;
    },
    async rest() {
      for (let turns = 0; turns < 10; turns += 1) await clock.advance(0);
    },
    async close() {
      const closing = Promise.all(edges.map((rooms) => rooms.close()));
      await clock.advance(3000);
      await closing;
      stopWatch();
      await ports.close();
    },
  };
}

function madeEdge(name: string): AliveAnnouncement {
  return {
    type: 'alive',
    worker: name,
    purposes: ['portal'],
    load: { portal: 0 },
    maxLoad: 0.85,
    state: 'ready',
    capacity: { isps: [], regions: [] },
  };
}

export const join = (participant: string, edge = 'e1'): Command => ({
  type: 'join',
  participant,
  user: `user ${participant}`,
  role: 'presenter',
  origin: { isp: '', region: '' },
  edge,
});

export const publish = (
  participant: string,
  session: string,
  transport?: string,
  mids: readonly [string, string] = ['0', '1'],
): Command => ({
  type: 'publish',
  participant,
  session,
  request: {
    media: {
      tracks: [
        { type: 'audio', mid: mids[0], source: 'mic' },
        { type: 'video', mid: mids[1], source: 'camera' },
      ],
    },
    ...(transport !== undefined && { transport: { type: 'webrtc' as const, id: transport } }),
  },
});

export const subscribe = (participant: string, session: string, stream: string): Command => ({
  type: 'subscribe',
  participant,
  session,
  request: {
    media: {
      tracks: [
        { type: 'audio', mid: '0', from: stream },
        { type: 'video', mid: '1', from: stream },
      ],
    },
  },
});

export const say = (from: string, message: string): Command => ({ type: 'text', from, to: 'all', message });

/** Executes and insists on success. */
export async function done(outcome: Promise<Outcome>): Promise<Extract<Outcome, { ok: true }>> {
  const result = await outcome;
  if (!result.ok) throw new Error(`refused: ${result.refusal.message}`);
  return result;
}

/** Everything a listener of the room hears from now on. */
export function hear(room: LiveRoom): { batches: NoticeBatch[]; notices(): AddressedNotice[] } {
  const batches: NoticeBatch[] = [];
  room.listen((batch) => batches.push(batch));
  return { batches, notices: () => batches.flatMap((batch) => batch.notices) };
}

/** The notices one participant gets of these. */
export function to(participant: string, notices: readonly AddressedNotice[]): Notice[] {
  return notices.flatMap(({ audience, notice }) => {
    const mine =
      audience.to === 'all' ||
      (audience.to === 'one' ? audience.participant === participant : audience.participant !== participant);
    return mine ? [notice] : [];
  });
}
