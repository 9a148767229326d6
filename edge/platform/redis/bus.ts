// Owns the bus over Redis: publications and requests as MessagePack. A request goes to the one server that Redis knows of
// its channel (`bus-servers.ts`), the reply to the asking bus' own inbox. Nothing is kept: what nobody hears is gone.
import { decode, Encoder } from '@msgpack/msgpack';
import * as v from 'valibot';
import type { Bus } from '../../../schemas/bus.ts';
import { errorOf, SluiceError } from '../../../schemas/error.ts';
import type { Clock, Log, Random } from '../../clock.ts';
import cutOffLua from './bus-cut-off.lua';
import { createBusInbox } from './bus-inbox.ts';
import requestLua from './bus-request.lua';
import { createBusServers } from './bus-servers.ts';
import type { RedisConnection } from './connection.ts';
import { textOf } from './reply.ts';
import { script } from './script.ts';

export interface RedisBus extends Bus {
  /** Resolves when everything subscribed to and served now is so in Redis. */
  settled(): Promise<void>;
  /** See `HomePorts`. */
  cutOff(channels: readonly string[]): Promise<ReadonlyMap<string, string>>;
}

interface Asked {
  readonly resolve: (message: unknown) => void;
  readonly reject: (error: SluiceError) => void;
}

const requestScript = script(requestLua);
const cutOffScript = script(cutOffLua);
/** Kept: to make one costs more than to encode most messages. */
const encoder = new Encoder({ ignoreUndefined: true });
const repeatable = { repeatable: true };
const maxOutstanding = 50_000;
const firstPauseMs = 50;
/** What broke this process' connection may have broken those of others, who are given so long to come back. */
const steadyMs = 5000;
const warnEveryMs = 10_000;

const replySchema = v.variant('ok', [
  v.object({ id: v.number(), ok: v.literal(true), message: v.optional(v.unknown()) }),
  v.object({ id: v.number(), ok: v.literal(false), code: v.string(), message: v.string() }),
]);

/** A bus for all processes that share `prefix` (without braces) on one Redis. */
export function createRedisBus(options: {
  connection: RedisConnection;
  prefix: string;
  clock: Clock;
  random: Random;
  log: Log;
}): RedisBus {
  const { connection, prefix, clock, log } = options;
  const { subscriptions, publishCommand } = connection;
  const me = Array.from(options.random.bytes(8), (byte) => byte.toString(16).padStart(2, '0')).join('');
  const inboxOf = (bus: string) => `${prefix}inbox:{${bus}}`;
  const asked = new Map<number, Asked>();
  let lastId = 0;
  let warnedAt = 0;
  let closed = false;

  const inbox = createBusInbox({ subscriptions, channel: inboxOf(me), clock, message: takeReply });
  const servers = createBusServers({ ...options, me, inboxOf });

  function publish(channel: string, message: unknown): void {
    let bytes;
    try {
      bytes = encoder.encode(message);
    } catch (error) {
      log.error('bus: a message could not be encoded', { channel, error });
      return;
    }
    connection.send(publishCommand, [channel, bytes]).catch((error: unknown) => {
      if (closed || clock.now() - warnedAt < warnEveryMs) return;
      warnedAt = clock.now();
      log.warn('bus: messages are lost', { channel, error });
    });
  }

  function takeReply(bytes: Uint8Array): void {
    const reply = v.safeParse(replySchema, read(bytes));
    if (!reply.success) {
      log.error('bus: a reply could not be read');
      return;
    }
    const { id, ...outcome } = reply.output;
    if (outcome.ok) asked.get(id)?.resolve(outcome.message);
    else asked.get(id)?.reject(errorOf(outcome));
  }

  async function ask(channel: string, id: number, message: unknown, timeoutMs: number): Promise<void> {
    const request = encoder.encode({ id, from: me, message, timeoutMs });
    for (let pauseMs = firstPauseMs; ; pauseMs *= 2) {
      await inbox.heard();
      if (!asked.has(id)) return;
      const reached = await connection.run(
        requestScript,
        [servers.keyOf(channel)],
        [request, publishCommand],
      );
      if (reached !== 0) return;
      // After a break who serves may come back a little later than who asks.
      if (!inbox.fresh) throw new SluiceError('unavailable', `Nobody serves ${channel}`);
      await new Promise<void>((resolve) => void clock.after(pauseMs, resolve));
    }
  }

  return {
    publish(channel, message) {
      if (!closed) publish(`${prefix}bus:{${channel}}`, message);
    },
    subscribe(channel, handler) {
      return subscriptions.listen(`${prefix}bus:{${channel}}`, {
        message(bytes) {
          const message = read(bytes);
          if (message === undefined) log.error('bus: a message could not be read', { channel });
          else handler(message);
        },
        restored: () => undefined,
      });
    },
    request(channel, message, timeoutMs) {
      if (closed) return Promise.reject(new SluiceError('unavailable', 'The bus is closed'));
      if (asked.size >= maxOutstanding) {
        return Promise.reject(new SluiceError('unavailable', 'Too many requests'));
      }
      const id = (lastId += 1);
      return new Promise((resolve, reject) => {
        const cancel = clock.after(Math.max(1, timeoutMs), () => {
          fail(new SluiceError('unavailable', `No reply from ${channel}`));
        });
        const fail = (error: SluiceError) => {
          cancel();
          if (asked.delete(id)) reject(error);
        };
        asked.set(id, {
          reject: fail,
          resolve(reply) {
            cancel();
            if (asked.delete(id)) resolve(reply);
          },
        });
        ask(channel, id, message, timeoutMs).catch((error: unknown) => {
          fail(error instanceof SluiceError ? error : new SluiceError('internal', 'Internal error', error));
        });
      });
    },
    serve: (channel, handler) => (closed ? () => undefined : servers.serve(channel, handler)),
    async cutOff(names) {
      if (closed || inbox.steadyMs < steadyMs) return new Map();
      const found = await Promise.all(
        names.map(async (name) => {
          const id = await connection.run(cutOffScript, [servers.keyOf(name)], [publishCommand], repeatable);
          return id === null ? [] : [[name, servers.processOf(textOf(id))] as const];
        }),
      );
      return new Map(found.flat());
    },
    async settled() {
      await subscriptions.settled();
      await servers.settled();
    },
    close() {
      closed = true;
      servers.close();
      inbox.close();
      for (const { reject } of [...asked.values()]) {
        reject(new SluiceError('unavailable', 'The bus is closed'));
      }
    },
  };
}

/** Undefined for bytes that are no MessagePack. */
function read(bytes: Uint8Array): unknown {
  try {
    return decode(bytes);
  } catch {
    return undefined;
  }
}
