// Owns which rooms are live on this edge, each on the ports of its home.
import { SluiceError } from '../../schemas/error.ts';
import type { Clock, Log, Random } from '../clock.ts';
import { createHomes } from '../cluster/homes.ts';
import type { RoomEntry } from '../store/directory.ts';
import type { HomePorts } from '../store/homes.ts';
import type { Ports } from '../store/ports.ts';
import type { LiveRoom, Rooms } from './live-room.ts';
import { Live } from './live.ts';
import { LostSince } from './lost-since.ts';
import { roomLease } from './room-lease.ts';
import { defaultRoomSettings, type RoomSettings } from './room-settings.ts';
import type { Witnessing } from './room-witness.ts';

/**
 * The rooms of one edge, over its ports. `edge` names it and is unique among living edges. Closing lets go of every room
 * without ending it.
 */
export function createRooms(deps: {
  ports: Ports;
  clock: Clock;
  random: Random;
  log: Log;
  edge: string;
  settings?: Partial<RoomSettings>;
  /** Told what happens in rooms that live on this edge. */
  witnessing?: Witnessing | undefined;
}): Rooms {
  const { ports, clock, log, edge } = deps;
  const homes = ports.homes ?? createHomes(ports);
  const settings = { ...defaultRoomSettings, ...deps.settings };
  const live = new Map<string, Live>();
  const opening = new Map<string, Promise<Live>>();
  const ending = new Map<string, Promise<void>>();
  const lost = new Map<HomePorts, LostSince>();
  let closed = false;

  function lostIn(home: HomePorts): LostSince {
    const known = lost.get(home) ?? new LostSince(home.registry, clock);
    lost.set(home, known);
    return known;
  }

  function end(room: Live): Promise<void> {
    if (live.get(room.id) === room) live.delete(room.id);
    const ended = room
      .dispose()
      .catch((error: unknown) => {
        log.error('a room could not be put away', { room: room.id, error });
      })
      .finally(() => {
        if (ending.get(room.id) === ended) ending.delete(room.id);
      });
    ending.set(room.id, ended);
    return ended;
  }

  async function openAnew(id: string, entry: RoomEntry | undefined): Promise<Live> {
    // The next life begins when the last one is over, store and workers included; by then its entry may be another.
    const next = ending.has(id);
    await ending.get(id);
    const found = next ? await ports.directory.room(id) : (entry ?? (await ports.directory.room(id)));
    if (!found) throw new SluiceError('room-not-found', 'Room not found');
    const home = homes.of(found.home);
    const lostSince = lostIn(home);
    const room = new Live({
      room: id,
      home: found.home,
      edge,
      ports: home,
      clock,
      log,
      settings: home.far === undefined ? settings : { ...settings, far: home.far },
      witness: deps.witnessing?.(found.service),
      lostAt: (worker) => lostSince.of(worker),
      closed: (which) => {
        if (live.get(id) === which) void end(which);
      },
    });
    try {
      await room.open(found.room);
    } catch (error) {
      await room.dispose();
      throw error;
    }
    if (closed) {
      await room.dispose();
      throw new SluiceError('unavailable', 'The server is closing');
    }
    live.set(id, room);
    return room;
  }

  async function open(id: string, entry?: RoomEntry): Promise<LiveRoom> {
    if (closed) throw new SluiceError('unavailable', 'The server is closing');
    const present = live.get(id);
    if (present) {
      present.touch();
      return present;
    }
    const started = opening.get(id) ?? openAnew(id, entry).finally(() => opening.delete(id));
    opening.set(id, started);
    return started;
  }

  return {
    open,
    find: (id) => live.get(id),
    async reach(id) {
      const here = live.get(id) ?? opening.get(id);
      if (here !== undefined) return here;
      const found = homes.all.length === 1 ? undefined : await ports.directory.room(id);
      const holder = await homes.of(found?.home).lease.holder(roomLease(id));
      // Our own lease on a room that is not live here: it is being put away.
      return holder === undefined || holder === edge ? live.get(id) : open(id);
    },
    async serves(purpose) {
      return (await ports.registry.alive()).some(({ purposes }) => purposes.includes(purpose));
    },
    all: () => [...live.values()],
    async close() {
      closed = true;
      await Promise.allSettled(opening.values());
      for (const room of [...live.values()]) void end(room);
      await Promise.all(ending.values());
      for (const each of lost.values()) each.close();
    },
  };
}
