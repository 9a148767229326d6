// Owns counting what an edge asks of its ports: appends to room logs, picks of workers, requests over the bus. The ports do
// not know of it.
import type { Bus } from '../../schemas/bus.ts';
import { refusalOf } from '../../schemas/error.ts';
import type { HomePorts } from '../store/homes.ts';
import type { Ports } from '../store/ports.ts';
import type { Registry } from '../store/registry.ts';
import type { RoomLog } from '../store/room-log.ts';
import { edgeFamilies } from './edge-families.ts';
import type { Metrics } from './metrics.ts';
import { redisFamilies } from './redis-families.ts';

/** Milliseconds that only grow, finer than a clock's. */
export type Stopwatch = () => number;

/** The same ports, counted. */
export function meteredPorts(ports: Ports, metrics: Metrics, stopwatch: Stopwatch): Ports {
  const known = new Map<HomePorts, HomePorts>();
  const metered = <P extends HomePorts>(home: P): P => ({
    ...home,
    log: meteredLog(home.log, metrics, stopwatch),
    registry: meteredRegistry(home.registry, metrics, stopwatch),
    bus: meteredBus(home.bus, metrics, stopwatch),
  });
  const once = (home: HomePorts): HomePorts => {
    const found = known.get(home) ?? metered(home);
    known.set(home, found);
    return found;
  };
  const { homes } = ports;
  return {
    ...metered(ports),
    ...(homes && {
      homes: {
        ...homes,
        of: (home) => once(homes.of(home)),
        all: homes.all.map(once),
        bus: meteredBus(homes.bus, metrics, stopwatch),
      },
    }),
  };
}

function meteredLog(log: RoomLog, metrics: Metrics, stopwatch: Stopwatch): RoomLog {
  return {
    open: (...args) => log.open(...args),
    async append(room, expected, entries, ...rest) {
      const began = stopwatch();
      const result = await log.append(room, expected, entries, ...rest);
      metrics.observe(edgeFamilies.appendSeconds, {}, (stopwatch() - began) / 1000);
      if (result.ok) metrics.add(edgeFamilies.events, {}, entries.length);
      else if (result.settlesInMs === undefined) metrics.add(edgeFamilies.conflicts, {});
      return result;
    },
    read: (...args) => log.read(...args),
    snapshot: (...args) => log.snapshot(...args),
    subscribe: (...args) => log.subscribe(...args),
    remove: (...args) => log.remove(...args),
    restore: (...args) => log.restore(...args),
  };
}

function meteredRegistry(registry: Registry, metrics: Metrics, stopwatch: Stopwatch): Registry {
  return {
    announce: (...args) => registry.announce(...args),
    remove: (...args) => registry.remove(...args),
    sweep: (...args) => registry.sweep(...args),
    async pick(demand, now) {
      const { purpose } = demand;
      const began = stopwatch();
      try {
        const picked = await registry.pick(demand, now);
        metrics.observe(edgeFamilies.pickSeconds, {}, (stopwatch() - began) / 1000);
        metrics.add(edgeFamilies.picks, {
          purpose,
          outcome: picked.worker === undefined ? 'none' : 'picked',
        });
        return picked;
      } catch (error) {
        metrics.add(edgeFamilies.picks, { purpose, outcome: 'failed' });
        throw error;
      }
    },
    pickUp: (...args) => registry.pickUp(...args),
    layDown: (...args) => registry.layDown(...args),
    tasks: (...args) => registry.tasks(...args),
    find: (...args) => registry.find(...args),
    alive: (...args) => registry.alive(...args),
    watch: (...args) => registry.watch(...args),
  };
}

function meteredBus(bus: Bus, metrics: Metrics, stopwatch: Stopwatch): Bus {
  return {
    publish: (...args) => bus.publish(...args),
    subscribe: (...args) => bus.subscribe(...args),
    serve: (...args) => bus.serve(...args),
    close: () => bus.close(),
    async request(channel, message, timeoutMs) {
      const kind = kindOf(channel);
      const began = stopwatch();
      try {
        const reply = await bus.request(channel, message, timeoutMs);
        metrics.add(redisFamilies.busRequests, { kind, outcome: 'ok' });
        metrics.observe(redisFamilies.busSeconds, { kind }, (stopwatch() - began) / 1000);
        return reply;
      } catch (error) {
        metrics.add(redisFamilies.busRequests, { kind, outcome: refusalOf(error).code });
        throw error;
      }
    },
  };
}

/** Channels are named in schemas/bus.ts and schemas/hand-over.ts; those of another home begin with its name. */
function kindOf(channel: string): 'worker' | 'forward' | 'hand-over' | 'edge' | 'other' {
  if (channel.includes('worker.')) return 'worker';
  if (channel.endsWith('.commands')) return 'forward';
  if (channel.endsWith('.hand-over')) return 'hand-over';
  return channel.includes('edge.') ? 'edge' : 'other';
}
