// Owns the connection to one Redis or Redis Cluster as the stores see it: commands and scripts that succeed or fail
// within seconds, and subscriptions that restore themselves. Keys, scripts and their meaning are the stores'.
import type { Cluster, Redis } from 'ioredis';
import { SluiceError } from '../../../schemas/error.ts';
import type { Clock, Log } from '../../clock.ts';
import { readRedisUrl } from './address.ts';
import { createClient, createClusterClient } from './client.ts';
import { failureOf } from './failure.ts';
import type { Script } from './script.ts';
import { createSubscriptions, type Subscriptions } from './subscriptions.ts';

export type Argument = string | number | Uint8Array;
/** Bulk strings come as bytes, which belong to the caller. */
export type Reply = number | null | Uint8Array | readonly Reply[];

export interface SendOptions {
  /** Doing it twice is as good as once: it is tried again while the connection comes back. */
  readonly repeatable?: boolean;
}

/** How the connection fares; counts are since its beginning. */
export interface RedisFigures {
  readonly connected: boolean;
  /** Connections made. */
  readonly connects: number;
  /** Commands that failed or had no answer in time. */
  readonly errors: number;
  /** Commands without an answer yet. */
  readonly waiting: number;
  readonly resubscribes: number;
}

export interface RedisConnection {
  readonly clustered: boolean;
  /** What it and the stores on it keep time by. */
  readonly clock: Clock;
  readonly figures: RedisFigures;
  /** Sharded in a cluster: the channel's hash tag decides where it lives, as with keys. */
  readonly publishCommand: 'PUBLISH' | 'SPUBLISH';
  readonly subscriptions: Subscriptions;
  /**
   * Rejects within some seconds: `unavailable` when Redis is away, slow or refuses for now (what was asked may still have
   * happened), `internal` when the command or the stored data is wrong. Commands go out in the order of the calls.
   */
  send(command: string, args: readonly Argument[], options?: SendOptions): Promise<Reply>;
  /** Runs a script, whether or not Redis knows it yet. All keys lie in one slot. Rejects as `send`. */
  run(
    script: Script,
    keys: readonly string[],
    args: readonly Argument[],
    options?: SendOptions,
  ): Promise<Reply>;
  close(): void;
}

const replyMs = 2000;
/** How long a command waits for a connection that is being made. */
const patienceMs = 1000;
const repeatEveryMs = 50;
const maxOutstanding = 20_000;

/**
 * Connects in the background: commands wait a moment for that. `name` stands in log lines. Throws SluiceError
 * `bad-request` when the URL cannot be read.
 */
export function connect(options: { url: string; name: string; clock: Clock; log: Log }): RedisConnection {
  const { name, clock, log } = options;
  const address = readRedisUrl(options.url);
  const client = address.clustered ? createClusterClient(address) : createClient(address);
  const subscriptions = createSubscriptions({ client, address, clock, log });
  const waiting = new Set<() => void>();
  let outstanding = 0;
  let connects = 0;
  let errors = 0;
  let closed = false;
  const breaks = watchBreaks(client, name, log);
  const away = () => new SluiceError('unavailable', 'The store cannot be reached', breaks.reason());
  client.on('ready', () => {
    connects += 1;
    for (const go of [...waiting]) go();
  });

  /** Calls `act` when connected: now, or after everything that waits already. */
  function whenReady(act: () => void, late: (error: SluiceError) => void): void {
    if (client.status === 'ready' && waiting.size === 0) {
      act();
      return;
    }
    const end = (then: () => void) => () => {
      waiting.delete(go);
      cancel();
      then();
    };
    const go = end(act);
    const cancel = clock.after(
      patienceMs,
      end(() => late(away())),
    );
    waiting.add(go);
  }

  function once(command: string, args: readonly Argument[]): Promise<Reply> {
    if (closed) return Promise.reject(new SluiceError('unavailable', 'The store is closed'));
    if (outstanding >= maxOutstanding) {
      return Promise.reject(new SluiceError('unavailable', 'The store is too busy'));
    }
    outstanding += 1;
    return new Promise<Reply>((resolve, reject) => {
      whenReady(() => {
        const cancel = clock.after(replyMs, () => reject(away()));
        gather(client);
        client
          .callBuffer(command, args.map(wireArgument))
          .then(
            (reply) => resolve(readReply(reply)),
            (error: unknown) => reject(failureOf(error)),
          )
          .finally(cancel);
      }, reject);
    })
      .catch((error: unknown) => {
        // A script that Redis does not know yet is no failure.
        if (!isUnknownScript(error)) errors += 1;
        throw error;
      })
      .finally(() => {
        outstanding -= 1;
      });
  }

  async function send(command: string, args: readonly Argument[], options?: SendOptions): Promise<Reply> {
    const until = clock.now() + patienceMs;
    for (;;) {
      try {
        return await once(command, args);
      } catch (error) {
        const again = options?.repeatable && !closed && clock.now() < until && isPassing(error);
        if (!again) throw error;
        await new Promise<void>((resolve) => void clock.after(repeatEveryMs, resolve));
      }
    }
  }

  return {
    clustered: address.clustered,
    clock,
    get figures() {
      const connected = client.status === 'ready';
      return { connected, connects, errors, waiting: outstanding, resubscribes: subscriptions.resubscribes };
    },
    publishCommand: address.clustered ? 'SPUBLISH' : 'PUBLISH',
    subscriptions,
    send,
    async run({ lua, sha }, keys, args, options) {
      const rest = [keys.length, ...keys, ...args];
      try {
        return await send('EVALSHA', [sha, ...rest], options);
      } catch (error) {
        // Nothing was done. Redis learns the script by the way.
        if (isUnknownScript(error)) return send('EVAL', [lua, ...rest], options);
        throw error;
      }
    },
    close() {
      closed = true;
      subscriptions.close();
      client.disconnect();
      for (const go of [...waiting]) go();
    },
  };
}

/** What one step of the program sends goes out in one write, at its end. */
function gather(client: Redis | Cluster): void {
  if (!('stream' in client) || client.stream.writableCorked > 0) return;
  const { stream } = client;
  stream.cork();
  process.nextTick(() => stream.uncork());
}

function isPassing(error: unknown): boolean {
  return error instanceof SluiceError && error.code === 'unavailable';
}

function isUnknownScript(error: unknown): boolean {
  const cause = error instanceof Error ? error.cause : undefined;
  return cause instanceof Error && cause.message.startsWith('NOSCRIPT');
}

function wireArgument(argument: Argument): string | number | Buffer {
  if (!(argument instanceof Uint8Array)) return argument;
  return Buffer.from(argument.buffer, argument.byteOffset, argument.byteLength);
}

function readReply(reply: unknown): Reply {
  if (typeof reply === 'number' || reply === null) return reply;
  if (reply instanceof Uint8Array) {
    return new Uint8Array(reply.buffer, reply.byteOffset, reply.byteLength);
  }
  if (Array.isArray(reply)) return reply.map(readReply);
  // No command used here has other replies.
  return null;
}

/** Says when the connection breaks and when it is back; what fails between is one line. `reason`: why it is away. */
function watchBreaks(client: Redis | Cluster, name: string, log: Log): { reason(): Error | undefined } {
  let told = false;
  let reason: Error | undefined;
  const broken = (error: unknown) => {
    const { cause } = failureOf(error);
    if (cause instanceof Error) reason = cause;
    if (told) return;
    told = true;
    // Where it was noticed tells nothing.
    log.warn('redis is away', { store: name, error: reason?.message });
  };
  client.on('error', broken);
  client.on('node error', broken);
  client.on('close', () => {
    if (!told) broken('connection closed');
  });
  client.on('ready', () => {
    log.info('redis is there', { store: name });
    told = false;
    reason = undefined;
  });
  return { reason: () => reason };
}
