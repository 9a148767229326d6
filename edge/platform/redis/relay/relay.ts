// Owns the relay of a region: to the edges and workers there it is a Redis server; to the home Redis it is two connections,
// one for all their commands and one for all they listen to. It keeps no data. When the connection that listens breaks, all
// who listen are cut off: they come back by themselves, and read what they missed as after every break.
import { createHash, timingSafeEqual } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { SluiceError } from '../../../../schemas/error.ts';
import type { Clock, Log } from '../../../clock.ts';
import { readRedisUrl } from '../address.ts';
import { createHomeChannels } from './home-channels.ts';
import { createHomeCommands } from './home-commands.ts';
import { limits } from './limits.ts';
import { LocalClient } from './local-client.ts';
import { errorReply } from './words.ts';

export interface RelayOptions {
  /** The home Redis, or another relay: `redis://` or `rediss://`. */
  readonly to: string;
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
  /** What clients must say (`AUTH`); empty: nothing. */
  readonly password?: string;
  readonly clock: Clock;
  readonly log: Log;
}

export interface RelayStatus {
  /** Whether commands reach the home, and whether what is published there is heard. */
  readonly home: boolean;
  readonly clients: number;
  readonly channels: number;
  /** Commands without a reply yet. */
  readonly outstanding: number;
  /** Since the start: commands passed on, requests refused here, messages given to clients, clients cut off. */
  readonly passed: number;
  readonly refused: number;
  readonly delivered: number;
  readonly cut: number;
}

export interface Relay {
  readonly host: string;
  readonly port: number;
  status(): RelayStatus;
  close(): Promise<void>;
}

/**
 * Listens; the home is connected to in the background and for as long as the relay lives. Rejects with SluiceError
 * `bad-request` for a URL that cannot be used, and as listening does.
 */
export async function startRelay(options: RelayOptions): Promise<Relay> {
  const { host, clock, log, password = '' } = options;
  const address = readRedisUrl(options.to);
  if (address.clustered) {
    throw new SluiceError('bad-request', 'The relay leads to a single Redis: redis:// or rediss://');
  }
  const clients = new Set<LocalClient>();
  const totals = { passed: 0, refused: 0, delivered: 0, cut: 0 };
  const home = { address, limits: limits.replies, clock, log };
  const commands = createHomeCommands(home);
  const channels = createHomeChannels({
    ...home,
    lost() {
      for (const client of [...clients]) if (client.listens) client.cut('the home may have said more');
    },
  });

  function admit(socket: Socket): void {
    if (clients.size >= limits.clients) {
      socket.on('error', () => undefined);
      socket.end(errorReply('ERR max number of clients reached'));
      return;
    }
    const client = new LocalClient({
      socket,
      commands,
      channels,
      clock,
      ...(password !== '' && { allows: (given: Buffer) => sameText(given, password) }),
      counted: (what) => void (totals[what] += 1),
      delivered: () => void (totals.delivered += 1),
      gone(gone, why) {
        clients.delete(gone);
        if (why === undefined) return;
        totals.cut += 1;
        log.info('a client was cut off', { why });
      },
    });
    clients.add(client);
  }

  const server = createServer(admit);
  server.listen(options.port, host);
  try {
    await once(server, 'listening');
  } catch (error) {
    commands.close();
    channels.close();
    throw error;
  }
  server.on('error', (error) => log.error('a client could not be accepted', { error }));
  const bound = server.address();
  let closing: Promise<void> | undefined;
  return {
    host,
    port: bound === null || typeof bound === 'string' ? options.port : bound.port,
    status: () => ({
      home: commands.ready && channels.ready,
      clients: clients.size,
      channels: channels.count,
      outstanding: commands.outstanding,
      ...totals,
    }),
    close() {
      closing ??= new Promise((resolve) => {
        server.close(() => resolve());
        for (const client of [...clients]) client.cut('the relay ends');
        commands.close();
        channels.close();
      });
      return closing;
    },
  };
}

/** Takes as long whatever is wrong. */
function sameText(given: Buffer, wanted: string): boolean {
  const digest = (bytes: Buffer | string) => createHash('sha256').update(bytes).digest();
  return timingSafeEqual(digest(given), digest(wanted));
}
