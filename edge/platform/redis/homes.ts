// Owns the ports of a cluster whose regions have a Redis of their own: rooms live in those, everything else in the one
// that has the directory.
import type { Log } from '../../clock.ts';
import { createHomes } from '../../cluster/homes.ts';
import type { Homes } from '../../store/homes.ts';
import { createRedisPorts, type RedisPorts } from './ports.ts';

type Options = Parameters<typeof createRedisPorts>[0];

/**
 * As `createRedisPorts`, with a Redis by its URL for each home of `homes`; the URL of `urls.rooms` is the one beside the
 * directory. Rooms made here live in `own`; absent: beside the directory. Throws SluiceError `bad-request` also when `own`
 * is none of them.
 */
export function createRedisHomes({
  homes,
  own,
  ...options
}: Options & { homes: Readonly<Record<string, string>>; own?: string }): RedisPorts & {
  readonly homes: Homes;
} {
  const { urls, log } = options;
  const beside = createRedisPorts(options);
  const byUrl = new Map([[urls.rooms, beside]]);
  const named = new Map<string, RedisPorts>();
  const stores = new Map(beside.stores);
  for (const [home, url] of Object.entries(homes)) {
    const known = byUrl.get(url);
    const ports = known ?? createRedisPorts({ ...options, urls: { rooms: url }, log: withHome(log, home) });
    byUrl.set(url, ports);
    if (known === undefined) for (const store of ports.stores.values()) stores.set(`home.${home}`, store);
    named.set(home, ports);
  }
  const all = [...byUrl.values()];
  const { directory } = beside;
  return {
    ...beside,
    directory: {
      ...directory,
      createRoom: (service, room, home = own) => directory.createRoom(service, room, home),
    },
    homes: createHomes(beside, named, own),
    stores,
    async settled() {
      await Promise.all(all.map((ports) => ports.settled()));
    },
    async close() {
      await Promise.all(all.map((ports) => ports.close()));
    },
  };
}

/** Says of each line which home it is about. */
function withHome(log: Log, home: string): Log {
  return {
    info: (message, fields) => log.info(message, { ...fields, home }),
    warn: (message, fields) => log.warn(message, { ...fields, home }),
    error: (message, fields) => log.error(message, { ...fields, home }),
  };
}
