// Owns an edge's place in the cluster: it says each second that clients can connect to it, and how full it is.
import { channels, type Bus } from '../../schemas/bus.ts';
import type { WorkerAnnouncement } from '../../schemas/worker.ts';
import type { Clock } from '../clock.ts';
import type { PortalAddress } from '../tokens/portal-address.ts';

export interface EdgeAnnouncementDeps {
  readonly bus: Bus;
  readonly clock: Clock;
  readonly edge: string;
  readonly isps: readonly string[];
  readonly regions: readonly string[];
  readonly maxLoad: number;
  /** Where clients connect to. */
  readonly portal: PortalAddress;
  /** 0..1 since it was last asked; undefined while that is not known. */
  readonly load: () => number | undefined;
}

export interface EdgeAnnouncement {
  /** No new clients are sent here, or they are again. */
  drain(on: boolean): void;
  /** Says good-bye. Idempotent. */
  close(): void;
}

const announceEveryMs = 1000;

/** Announces the edge at once, each second and at each change. */
export function announceEdge(deps: EdgeAnnouncementDeps): EdgeAnnouncement {
  const { bus, clock, edge, isps, regions, maxLoad, portal } = deps;
  let draining = false;
  let closed = false;
  let load: number | undefined;

  function announce(): void {
    const announcement: WorkerAnnouncement = {
      type: 'alive',
      worker: edge,
      purposes: ['portal'],
      load: load === undefined ? {} : { portal: Math.min(1, load) },
      maxLoad,
      state: draining ? 'draining' : 'ready',
      capacity: { isps: [...isps], regions: [...regions] },
      portal,
    };
    bus.publish(channels.workers, announcement);
  }

  const stop = clock.every(announceEveryMs, () => {
    load = deps.load() ?? load;
    announce();
  });
  load = deps.load();
  announce();
  return {
    drain(on) {
      draining = on;
      if (!closed) announce();
    },
    close() {
      if (closed) return;
      closed = true;
      stop();
      const farewell: WorkerAnnouncement = { type: 'quit', worker: edge };
      bus.publish(channels.workers, farewell);
    },
  };
}
