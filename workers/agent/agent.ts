// Owns a worker's place in the cluster: announcing that it lives and how full it is, serving its channel, and which rooms
// it has. What the requests do is the purposes' business.
import * as v from 'valibot';
import { channels, type Bus } from '../../schemas/bus.ts';
import { SluiceError } from '../../schemas/error.ts';
import {
  workerRequestSchema,
  type Capacity,
  type DesiredRoom,
  type Purpose,
  type WorkerAnnouncement,
} from '../../schemas/worker.ts';
import type { Clock, Log } from '../clock.ts';
import type { LinkNode } from '../link/node.ts';
import type { MixNode } from '../mixing/node.ts';
import type { Routers } from '../routing/routers.ts';
import type { WebRtcNode } from '../webrtc/node.ts';
import type { AgentDevice } from './agent-device.ts';
import { DocumentOrder } from './document-order.ts';
import { loadOf, type Measures } from './load-by-purpose.ts';
import type { AgentState } from './figures.ts';
import { mixingCapacity } from './mixing-capacity.ts';
import { mediaUse } from './media-use.ts';
import type { MachineLoad } from './machine-load.ts';
import { OverloadJudge, type LoopDelay } from './overload.ts';
import type { ReportQueue } from './report-queue.ts';

export interface AgentOptions {
  readonly id: string;
  readonly bus: Bus;
  readonly clock: Clock;
  readonly log: Log;
  readonly reports: ReportQueue;
  readonly loopDelay: LoopDelay;
  readonly machineLoad: Pick<MachineLoad, 'take'>;
  /** The GPU that `mixing` uses, where it has one. */
  readonly device?: AgentDevice | undefined;
  /** Without `mixing` it serves neither `audio` nor `video`. */
  readonly purposes: { readonly webrtc: WebRtcNode; readonly mixing?: MixNode };
  /** Without it rooms have here only what is published here. */
  readonly links?: LinkNode;
  /** What of that is offered to the cluster; absent: all. */
  readonly offered?: readonly Purpose[] | undefined;
  /** Where the purposes meet. */
  readonly routers: Routers;
  /** Load above which no new work is wanted, 0..1. */
  readonly maxLoad: number;
  /** But for what it mixes with. */
  readonly capacity: Pick<Capacity, 'isps' | 'regions'>;
}

export interface Agent {
  /** Gives a room up as if it were wanted no more. */
  drop(room: string): void;
  /** For figures. */
  readonly state: AgentState;
  /** Says good-bye and ends all media. Idempotent. */
  close(): Promise<void>;
}

const announceEveryMs = 1000;
/** Peer connections one process keeps in good order, whether they carry anything or not. */
const maxTransports = 2000;

/** Announces the worker and serves it until `close`. */
export function startAgent(options: AgentOptions): Agent {
  const { id, bus, clock, log, reports, loopDelay, machineLoad, links, device } = options;
  const { webrtc, mixing } = options.purposes;
  const judge = new OverloadJudge();
  const rooms = new Set<string>();
  const order = new DocumentOrder();
  let draining = false;
  let closed = false;
  let loopDelayMs = 0;
  let load: AgentState['load'] = {};
  let machine = machineLoad.take(clock.now());

  const announce = (): void => {
    const cost = device?.cost(options.maxLoad);
    const measures: Measures = {
      ...machine,
      process: mixing?.load() ?? 0,
      device: device && { load: device.load, cost },
      forwarding: webrtc.load() + (links?.load() ?? 0),
      transports: webrtc.transports / maxTransports,
      overloaded: judge.overloaded,
    };
    const able: Purpose[] = mixing ? ['webrtc', 'audio', 'video'] : ['webrtc'];
    const purposes = able.filter((purpose) => options.offered?.includes(purpose) ?? true);
    load = Object.fromEntries(
      purposes.map((purpose) => [purpose, loadOf(purpose, measures, options.maxLoad)]),
    );
    const announcement: WorkerAnnouncement = {
      type: 'alive',
      worker: id,
      purposes,
      load,
      ...(cost === undefined || !purposes.includes('video') ? {} : { cost: { video: cost } }),
      maxLoad: options.maxLoad,
      state: draining || device?.isDraining === true ? 'draining' : 'ready',
      capacity: { ...options.capacity, ...(mixing && mixingCapacity(mixing.engines)) },
      ...(device === undefined ? {} : { device: device.announced }),
    };
    bus.publish(channels.workers, announcement);
  };

  const apply = (desired: DesiredRoom): void => {
    const isOver = desired.transports.length === 0 && desired.mixers.length === 0;
    if (isOver) rooms.delete(desired.room);
    else {
      rooms.add(desired.room);
      reports.hold(desired.room, desired.home);
    }
    // Who subscribes to what is mixed goes over to a new output before the old one ends.
    webrtc.apply(desired);
    mixing?.apply(desired);
    links?.apply(desired);
    if (!isOver) return;
    reports.release(desired.room);
    options.routers.release(desired.room);
  };

  const serve = async (message: unknown): Promise<unknown> => {
    const parsed = v.safeParse(workerRequestSchema, message);
    if (!parsed.success) throw new SluiceError('bad-request', 'Malformed request to a worker');
    const request = parsed.output;
    switch (request.type) {
      case 'desired':
        switch (order.judge(request.desired)) {
          case 'superseded':
            throw new SluiceError('operation-failed', 'Another edge conducts the room by now');
          case 'new':
            apply(request.desired);
            break;
          case 'old':
        }
        return { ok: true };
      case 'signal':
        return webrtc.signal(request.room, request.transport, request.version, request.signaling);
      case 'stats':
        return webrtc.stats(request.room, request.transport);
      case 'drain':
        draining = request.on;
        announce();
        return { rooms: rooms.size };
      case 'device':
        if (!device) throw new SluiceError('not-found', 'This worker has no device');
        mixing?.useDevice(request.state);
        announce();
        return device.rest(rooms.size);
      case 'media-use':
        return mediaUse(device, mixing?.everyStats() ?? []);
      case 'mixer-stats':
        return mixing?.stats(request.room) ?? [];
      case 'link-signal':
        if (!links) throw new SluiceError('not-found', 'This worker has no links');
        return links.signal(request.from, request.signal);
      case 'link-stats':
        return links?.stats() ?? [];
    }
  };

  const stopServing = bus.serve(channels.worker(id), serve);
  const stopAnnouncing = clock.every(announceEveryMs, () => {
    const before = judge.overloaded;
    const delayMs = loopDelay.take();
    loopDelayMs = delayMs;
    machine = machineLoad.take(clock.now());
    if (judge.judge(delayMs) !== before) {
      log.warn(before ? 'no longer overloaded' : 'overloaded', { delayMs: Math.round(delayMs) });
    }
    announce();
  });
  announce();

  return {
    get state() {
      return { rooms: rooms.size, loopDelayMs, overloaded: judge.overloaded, load };
    },
    drop: (room) => {
      apply({ room, version: Number.MAX_SAFE_INTEGER, transports: [], mixers: [] });
    },
    close: async () => {
      if (closed) return;
      closed = true;
      stopAnnouncing();
      stopServing();
      loopDelay.close();
      reports.close();
      const farewell: WorkerAnnouncement = { type: 'quit', worker: id };
      bus.publish(channels.workers, farewell);
      links?.close();
      mixing?.close();
      await webrtc.close();
    },
  };
}
