// Owns the set of ports of an edge in a cluster: everything in Redis, by what it is used for. One URL for several uses is
// one connection.
import type { Clock, Log, Random } from '../../clock.ts';
import type { Scheduling } from '../../cluster/scheduling.ts';
import type { Audit } from '../../store/audit.ts';
import type { HomePorts } from '../../store/homes.ts';
import type { Ports } from '../../store/ports.ts';
import { createRedisAudit } from './audit.ts';
import { createRedisBus } from './bus.ts';
import { connect, type RedisConnection } from './connection.ts';
import { createRedisDirectory } from './directory.ts';
import { createRedisJobs } from './jobs.ts';
import { createRedisLease } from './lease.ts';
import { createRedisOnce } from './once.ts';
import { createRedisRegistry } from './registry.ts';
import { createRedisRoomLog } from './room-log.ts';
import { measureRoundTrip } from './round-trip.ts';

export interface RedisUrls {
  /** Room logs, leases, the bus, the directory. See `address.ts` for the form. */
  readonly rooms: string;
  /** The worker registry. Default: that of rooms. */
  readonly scheduling?: string;
  /** Jobs; nothing connects there before the first one. Default: that of rooms. */
  readonly jobs?: string;
}

export interface RedisPorts extends Ports {
  readonly audit: Audit;
  readonly cutOff: NonNullable<HomePorts['cutOff']>;
  /** The connections that there are, by what they are for. */
  readonly stores: ReadonlyMap<string, RedisConnection>;
  /** Whether the Redis of rooms is so far away that others should decide; false before that is known. */
  readonly far: () => boolean;
  /** The round trip to it, in milliseconds; undefined before it is known. */
  readonly roundTripMs: () => number | undefined;
  /** Resolves when everything subscribed to and served now is so in Redis. */
  settled(): Promise<void>;
}

const defaultFarMs = 1.5;

/**
 * Ports over Redis. They connect in the background and for as long as they live: while Redis is away commands fail with
 * `unavailable`, and subscriptions come back by themselves. Throws SluiceError `bad-request` when a URL cannot be read.
 */
export function createRedisPorts(options: {
  urls: RedisUrls;
  /** What all keys and channels begin with, without braces; clusters of one Redis differ by it. */
  prefix?: string;
  clock: Clock;
  random: Random;
  log: Log;
  scheduling?: Partial<Scheduling>;
  /** Milliseconds of round trip from which on the Redis of rooms is far. Default 1.5. */
  farMs?: number;
  /** How long a room log that may have lost its end waits for who knows it, in milliseconds. Default 500. */
  settleMs?: number;
}): RedisPorts {
  const {
    urls,
    prefix = 'sluice:',
    clock,
    random,
    log,
    scheduling,
    farMs = defaultFarMs,
    settleMs,
  } = options;
  const connections = new Map<string, RedisConnection>();
  const stores = new Map<string, RedisConnection>();
  const to = (url: string, name: string): RedisConnection => {
    const known = connections.get(url);
    const connection = known ?? connect({ url, name, clock, log });
    connections.set(url, connection);
    if (known === undefined) stores.set(name, connection);
    return connection;
  };
  const rooms = to(urls.rooms, 'rooms');
  const workers = to(urls.scheduling ?? urls.rooms, 'scheduling');
  const bus = createRedisBus({ connection: rooms, prefix, clock, random, log });
  const roundTrip = measureRoundTrip({
    ping: () => rooms.send('PING', []),
    connects: () => rooms.figures.connects,
    clock,
    nowMs: () => performance.now(),
  });
  const audit = createRedisAudit({ connection: rooms, prefix, log });
  const jobs = createRedisJobs({ url: urls.jobs ?? urls.rooms, prefix, clock, log });
  return {
    log: createRedisRoomLog({ connection: rooms, prefix, random, log, settleMs }),
    directory: createRedisDirectory({ connection: rooms, prefix, clock, random }),
    registry: createRedisRegistry({
      connection: workers,
      prefix,
      random,
      log,
      ...(scheduling && { scheduling }),
    }),
    lease: createRedisLease({ connection: rooms, prefix }),
    once: createRedisOnce({ connection: rooms, prefix }),
    bus,
    cutOff: (channels) => bus.cutOff(channels),
    audit,
    jobs,
    stores,
    far: () => (roundTrip.leastMs ?? 0) > farMs,
    roundTripMs: () => roundTrip.leastMs,
    async settled() {
      await bus.settled();
      for (const connection of connections.values()) await connection.subscriptions.settled();
    },
    async close() {
      await Promise.all([audit.close(), jobs.close()]);
      bus.close();
      roundTrip.close();
      // After what the bus still says: commands of one connection go out in their order.
      for (const connection of connections.values()) connection.close();
    },
  };
}
