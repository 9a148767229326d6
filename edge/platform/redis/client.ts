// Owns how ioredis is set up: for one server, a cluster, or one node of it. Nothing is resent by itself: a command whose
// reply was lost may have been done, and only its sender knows what that means.
import { Cluster, Redis, type RedisOptions } from 'ioredis';
import type { RedisAddress } from './address.ts';

const firstDelayMs = 50;
/** Less than a room log waits for who knows its end (store/room-log.ts): whoever lives is back in time. */
const maxDelayMs = 250;
const connectMs = 2000;
const slotsEveryMs = 1000;

/** Before attempt `attempt` (from 1) to reconnect: exponential, bounded, with a quarter of chance against stampedes. */
export function backOffMs(attempt: number, chance: number): number {
  const full = Math.min(maxDelayMs, firstDelayMs * 2 ** Math.min(attempt - 1, 10));
  return Math.round(full * (0.75 + chance / 4));
}

const retry = (attempt: number): number => backOffMs(attempt, Math.random());

function common(address: RedisAddress) {
  const { username, password, tls } = address;
  return {
    protocol: 2 as const,
    connectTimeout: connectMs,
    retryStrategy: retry,
    // With each lost connection all that waited for a reply fails, at once.
    maxRetriesPerRequest: 0,
    autoResendUnfulfilledCommands: false,
    autoResubscribe: false,
    // A primary that became a replica: the name may lead to the new one by now.
    reconnectOnError: (error: Error) => error.message.startsWith('READONLY'),
    connectionName: 'sluice',
    ...(username !== undefined && { username }),
    ...(password !== undefined && { password }),
    ...(tls && { tls: {} }),
  } satisfies RedisOptions;
}

/** A connection to one server; `node` says which one of a cluster. It connects by itself, again and again. */
export function createClient(address: RedisAddress, node = address.nodes[0]): Redis {
  return new Redis({ ...common(address), ...node, db: address.db, enableOfflineQueue: false });
}

/** The connections to a cluster, found from the nodes of `address`. */
export function createClusterClient(address: RedisAddress): Cluster {
  const { retryStrategy: _unused, ...redisOptions } = common(address);
  return new Cluster([...address.nodes], {
    clusterRetryStrategy: retry,
    clusterNodeRetryStrategy: retry,
    retryDelayOnFailover: 0,
    retryDelayOnClusterDown: 0,
    slotsRefreshInterval: slotsEveryMs,
    slotsRefreshTimeout: connectMs,
    redisOptions,
  });
}

/** A connection as BullMQ wants it, made when it is needed: its commands wait for as long as Redis is away. */
export function createJobsClient(address: RedisAddress): Redis | Cluster {
  // Its blocking reads are lost with a connection unless they are sent again.
  const patient = { maxRetriesPerRequest: null, autoResendUnfulfilledCommands: true };
  if (address.clustered) {
    const { retryStrategy: _unused, ...redisOptions } = common(address);
    return new Cluster([...address.nodes], {
      clusterRetryStrategy: retry,
      lazyConnect: true,
      redisOptions: { ...redisOptions, ...patient },
    });
  }
  return new Redis({
    ...common(address),
    ...patient,
    ...address.nodes[0],
    db: address.db,
    lazyConnect: true,
  });
}
