// Owns the audio and video purposes of a worker: rooms with their desired mixers, and converging to them. It never throws
// out of `apply`; what becomes true is told through `report`.
import { randomBytes } from 'node:crypto';
import { availableParallelism } from 'node:os';
import type { DesiredRoom, MixerStats, ReportItem } from '../../schemas/worker.ts';
import { isOlder } from '../agent/document-order.ts';
import type { Clock, Log } from '../clock.ts';
import type { EngineChoice } from '../engine/engine-choice.ts';
import type { Routers } from '../routing/routers.ts';
import type { DeviceWish } from '../../schemas/device.ts';
import type { DeviceBudget } from './device-budget.ts';
import { ProcessUses, type ProcessUse } from './process-use.ts';
import { EngineOrder } from './engine-order.ts';
import type { MixingRim } from './mixing-rim.ts';
import type { TappedPicture } from './pipeline.ts';
import { RoomMixers } from './room-mixers.ts';
import { ThreadPool } from './thread-pool.ts';
import type { StartThread } from './worker-thread.ts';

export interface MixNodeOptions {
  /** Shared with what else has media of the same rooms in this process. */
  readonly routers: Routers;
  /** Its `now` is the steady clock that transports use too: ms since 1970, never going back. */
  readonly clock: Clock;
  readonly log: Log;
  readonly report: (room: string, items: readonly ReportItem[]) => void;
  /** Takes the pictures that taps give, whose bytes are its own; without it they are dropped. */
  readonly tapped?: (room: string, mixer: string, picture: TappedPicture) => void;
  readonly startThread: StartThread;
  /** Starts threads for pipelines on a device, whose driver may end their process; without it as the others. */
  readonly startApart?: StartThread;
  /** What makes pictures, best first; without it `wasm`. */
  readonly engines?: readonly EngineChoice[];
  /** Of the device that is among them. */
  readonly budget?: DeviceBudget;
  /** Default: those of the machine. */
  readonly cores?: number;
}

export interface MixNode {
  /** Makes a room's mixers what the document says; a document older than the one held is ignored. */
  apply(desired: DesiredRoom): void;
  /** What the room's mixers told within the last second or so. */
  stats(room: string): readonly MixerStats[];
  /** Of all rooms, by their names. */
  everyStats(): readonly RoomMixerStats[];
  /** From now on, and for what runs. Without a budget it changes nothing. */
  useDevice(state: DeviceWish): void;
  /** What makes pictures now, best first: without what failed of late. */
  readonly engines: readonly EngineChoice[];
  /** Share of the machine's cores that this process and those below it use, 0…1: whatever is mixed and forwarded is in it. */
  load(): number;
  /** The processes below this one in which devices are used. */
  apart(): ProcessUse & { readonly pids: readonly number[] };
  /** For tests of what follows: ends, or holds up for ever, the thread of the oldest pipeline of this kind. */
  disturb(how: 'kill' | 'wedge', kind: 'video' | 'audio'): void;
  /** Ends all mixers and threads. Idempotent. */
  close(): void;
}

export interface RoomMixerStats {
  readonly room: string;
  readonly stats: MixerStats;
}

const tickMs = 50;
const loadWindowMs = 2000;

export function createMixNode(options: MixNodeOptions): MixNode {
  const { routers, clock, log, report } = options;
  const cores = options.cores ?? availableParallelism();
  const { startThread: start, startApart } = options;
  const pool = new ThreadPool({ start, ...(startApart && { startApart }), clock, log, cores });
  const rim: MixingRim = {
    clock,
    log,
    pool,
    engines: new EngineOrder(options.engines ?? [], options.budget),
    random32: () => (randomBytes(4).readUInt32BE() || 1) >>> 0,
  };
  const rooms = new Map<string, RoomMixers>();
  const uses = new ProcessUses();
  const cpuMs = (): number => ownCpuMs() + uses.look(pool.pids).cpuMs;
  let load = 0;
  let measured = { cpuMs: cpuMs(), atMs: clock.now() };
  let closed = false;

  const stops = [
    clock.every(tickMs, () => {
      const nowMs = clock.now();
      for (const room of rooms.values()) room.tick(nowMs);
    }),
    clock.every(loadWindowMs, () => {
      const now = { cpuMs: cpuMs(), atMs: clock.now() };
      const spanMs = Math.max(1, now.atMs - measured.atMs);
      load = Math.min(1, (now.cpuMs - measured.cpuMs) / (spanMs * cores));
      measured = now;
    }),
  ];

  return {
    apply: (desired) => {
      const known = rooms.get(desired.room);
      if (closed || (known && isOlder(desired, known))) return;
      if (desired.mixers.length === 0) {
        known?.close();
        rooms.delete(desired.room);
        return;
      }
      const room =
        known ??
        new RoomMixers({
          router: routers.of(desired.room),
          rim,
          report: (items) => {
            report(desired.room, items);
          },
          tapped: (mixer, picture) => {
            options.tapped?.(desired.room, mixer, picture);
          },
        });
      rooms.set(desired.room, room);
      room.version = desired.version;
      room.fence = desired.fence ?? 0;
      room.apply(desired.mixers);
    },
    stats: (room) => rooms.get(room)?.stats() ?? [],
    everyStats: () =>
      [...rooms].flatMap(([room, mixers]) => mixers.stats().map((stats) => ({ room, stats }))),
    useDevice: (state) => {
      if (options.budget === undefined) return;
      options.budget.state = state;
      for (const room of rooms.values()) room.leaveDevice();
    },
    get engines() {
      return rim.engines.usable(clock.now());
    },
    load: () => load,
    apart: () => {
      const { pids } = pool;
      return { pids, ...uses.look(pids) };
    },
    disturb: (how, kind) => {
      pool.disturb(how, kind);
    },
    close: () => {
      if (closed) return;
      closed = true;
      for (const stop of stops) stop();
      for (const room of rooms.values()) room.close();
      rooms.clear();
      pool.close();
    },
  };
}

/** Of all threads of this process. A thread's own event loop would count the time that others had its core. */
function ownCpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}
