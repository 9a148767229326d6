// Owns the way of a cluster's process to its Redis, or to those of all homes: which ones, from the configuration, and
// waiting at the start for the one with the directory.
import type { Clock, Log, Random } from '../../edge/clock.ts';
import { readRedisUrl } from '../../edge/platform/redis/address.ts';
import { createRedisHomes } from '../../edge/platform/redis/homes.ts';
import type { RedisPorts } from '../../edge/platform/redis/ports.ts';
import type { Homes } from '../../edge/store/homes.ts';
import { SluiceError } from '../../schemas/error.ts';
import { schedulingOf } from '../settings/cluster-settings.ts';
import { type Settings, SettingsError } from '../settings/settings.ts';
import { redisTrouble } from './redis-trouble.ts';

const retryMs = 1000;

/**
 * The ports on Redis, once it has answered; until then it says every second what is missing. Throws SettingsError without
 * a usable URL.
 */
export async function clusterPorts(
  { redis, cluster, homes }: Settings,
  parts: { readonly clock: Clock; readonly random: Random; readonly log: Log },
): Promise<RedisPorts & { readonly homes: Homes }> {
  const rooms = redis.rooms_url || redis.url;
  const scheduling = redis.scheduling_url || redis.url || rooms;
  const jobs = redis.jobs_url || redis.url || rooms;
  if (rooms === '') {
    throw new SettingsError(
      'redis.url (REDIS_URL) is missing: the processes of a cluster find each other through Redis, for example ' +
        'REDIS_URL=redis://127.0.0.1:6379. One server that needs none: npm start',
    );
  }
  const ports = createRedisHomes({
    ...parts,
    homes: Object.fromEntries(Object.entries(homes).map(([name, { url }]) => [name, url])),
    ...(cluster.home !== '' && { own: cluster.home }),
    urls: { rooms, scheduling, jobs },
    scheduling: schedulingOf(cluster),
    farMs: cluster.far_ms,
  });
  const { clock } = parts;
  const where = [...new Set([rooms, scheduling])].map(shown).join(' and ');
  for (let asked = 0; ; asked += 1) {
    try {
      await Promise.all([ports.lease.holder('start'), ports.registry.find('start')]);
      return ports;
    } catch (error) {
      if (!(error instanceof SluiceError) || error.code !== 'unavailable') throw error;
      if (asked % 10 === 0) console.error(`${redisTrouble(where, error.cause)}; trying again every second`);
      await new Promise<void>((resolve) => void clock.after(retryMs, resolve));
    }
  }
}

/** Without user and password. */
function shown(url: string): string {
  return readRedisUrl(url)
    .nodes.map(({ host, port }) => `${host}:${port}`)
    .join(',');
}
