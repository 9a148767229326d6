// Owns edges for tests that share one room through a real Redis: live rooms without portals and workers.
import type { Command } from '../../rooms/command.ts';
import type { LiveRoom, Rooms } from '../../rooms/live-room.ts';
import { decodeRecord } from '../../rooms/record-codec.ts';
import type { RoomSettings } from '../../rooms/room-settings.ts';
import { createRooms } from '../../rooms/rooms.ts';
import { roomDocument } from '../../store/conformance/room-document.ts';
import { nodeClock } from '../node/clock.ts';
import { createLog } from '../node/log.ts';
import { nodeRandom } from '../node/random.ts';
import { createRedisPorts, type RedisPorts } from './ports.ts';

export interface ScriptedEdge {
  readonly ports: RedisPorts;
  readonly rooms: Rooms;
  readonly room: LiveRoom;
}

export interface ScriptedEdges {
  readonly room: string;
  readonly lines: readonly string[];
  /** The ports of nobody's edge, to look with. */
  readonly ports: RedisPorts;
  /** An edge that has the room open; `url` where it does not reach Redis like the others. */
  edge(
    name: string,
    over?: { url?: string; farMs?: number; settleMs?: number; settings?: Partial<RoomSettings> },
  ): Promise<ScriptedEdge>;
  /** The texts in the log, in order, from its bytes. */
  texts(): Promise<string[]>;
  close(): Promise<void>;
}

export async function createEdges(url: string): Promise<ScriptedEdges> {
  const lines: string[] = [];
  const log = createLog({ name: 'test', write: (line) => void lines.push(line) });
  // However busy the machine is: an edge is near unless a test says from which distance on it is not.
  const portsTo = (where: string, given: { farMs?: number; settleMs?: number } = {}) =>
    createRedisPorts({
      urls: { rooms: where },
      clock: nodeClock,
      random: nodeRandom,
      log,
      farMs: Infinity,
      ...given,
    });
  const ports = portsTo(url);
  const service = await ports.directory.createService({ _id: '', name: 's', key: 'k', encrypted: false });
  const document = await ports.directory.createRoom(service._id, roomDocument('room'));
  const edges: ScriptedEdge[] = [];
  return {
    room: document._id,
    lines,
    ports,
    async edge(name, over = {}) {
      const { url: where = url, settings, ...given } = over;
      const own = portsTo(where, given);
      await own.settled();
      const rooms = createRooms({
        ports: own,
        clock: nodeClock,
        random: nodeRandom,
        log,
        edge: name,
        // These edges are in no registry: nobody shall miss them there.
        settings: { lostEdgeMs: 3_600_000, ...settings },
      });
      const edge = { ports: own, rooms, room: await rooms.open(document._id) };
      edges.push(edge);
      return edge;
    },
    async texts() {
      const { entries } = await ports.log.open(document._id);
      return entries.flatMap(({ bytes }) => {
        const event = decodeRecord(bytes)?.event;
        return event?.type === 'text-sent' ? [event.message] : [];
      });
    },
    async close() {
      await Promise.all(
        edges.map(async (edge) => {
          await edge.rooms.close();
          await edge.ports.close();
        }),
      );
      await ports.close();
    },
  };
}

export const say = (from: string, message: string): Command => ({ type: 'text', from, to: 'all', message });

export const join = (participant: string, edge: string): Command => ({
  type: 'join',
  participant,
  user: participant,
  role: 'presenter',
  origin: { isp: '', region: '' },
  edge,
});

/** Resolves when `holds` does; the test's own time limit ends it otherwise. */
export async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, 5));
}

/** Executes until it is done or refused: as a client does, with the same id as often as it takes. */
export async function insist(
  execute: () => ReturnType<LiveRoom['execute']>,
): Promise<Awaited<ReturnType<LiveRoom['execute']>>> {
  for (;;) {
    try {
      return await execute();
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}
