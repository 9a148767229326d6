// Owns the channels that this process serves: its place in Redis as their server, kept while it lives, and the calls.
import { decode } from '@msgpack/msgpack';
import * as v from 'valibot';
import type { Unsubscribe } from '../../../schemas/bus.ts';
import { refusalOf, SluiceError } from '../../../schemas/error.ts';
import type { Clock, Log } from '../../clock.ts';
import { createBusReplies } from './bus-replies.ts';
import serveLua from './bus-serve.lua';
import unserveLua from './bus-unserve.lua';
import type { RedisConnection } from './connection.ts';
import { textOf } from './reply.ts';
import { script } from './script.ts';

export interface BusServers {
  keyOf(channel: string): string;
  /** The bus that a server's id is of. */
  processOf(id: string): string;
  /** As `Bus.serve`. */
  serve(channel: string, handler: (message: unknown) => Promise<unknown>): Unsubscribe;
  settled(): Promise<void>;
  close(): void;
}

interface Serving {
  readonly channel: string;
  readonly id: string;
  /** Got from Redis when serving began. */
  stamp: string;
  /** Another process began to serve later. */
  replaced: boolean;
  ended: boolean;
  stop: Unsubscribe;
}

const scripts = { serve: script(serveLua), unserve: script(unserveLua) };
const repeatable = { repeatable: true };
const keepMs = 180_000;
const renewEveryMs = 60_000;
const retryMs = 500;
const maxCalls = 50_000;
/** Whoever waits longer for a reply hears it only if that is possible within this time. */
const mostReplyMs = 10_000;

const requestSchema = v.object({
  id: v.number(),
  from: v.string(),
  message: v.optional(v.unknown()),
  timeoutMs: v.pipe(v.number(), v.minValue(0)),
});

/** The served channels of the bus `me`; `inboxOf` names the channel on which a bus hears replies. */
export function createBusServers(options: {
  connection: RedisConnection;
  prefix: string;
  clock: Clock;
  log: Log;
  me: string;
  inboxOf: (bus: string) => string;
}): BusServers {
  const { connection, prefix, clock, log, me, inboxOf } = options;
  const replies = createBusReplies(options);
  const servings = new Map<string, Serving>();
  let count = 0;
  let calls = 0;

  const keyOf = (channel: string) => `${prefix}serve:{${channel}}`;

  async function register(serving: Serving): Promise<void> {
    if (serving.ended) return;
    try {
      const args = [serving.id, serving.stamp, keepMs];
      const stamp = await connection.run(scripts.serve, [keyOf(serving.channel)], args, repeatable);
      serving.replaced = stamp === null;
      if (stamp !== null) serving.stamp = textOf(stamp);
    } catch (error) {
      log.warn('bus: a channel cannot be served yet', { channel: serving.channel, error });
      clock.after(retryMs, () => void register(serving));
    }
  }

  const stopRenewing = clock.every(renewEveryMs, () => {
    for (const serving of servings.values()) void register(serving);
  });

  async function answer(
    bytes: Uint8Array,
    channel: string,
    handler: (message: unknown) => Promise<unknown>,
  ): Promise<void> {
    const request = readRequest(bytes);
    if (!request) {
      log.error('bus: a request could not be read', { channel });
      return;
    }
    const { id, from, message, timeoutMs } = request;
    const until = clock.now() + Math.min(timeoutMs, mostReplyMs);
    const reply = (outcome: object) => replies.send(inboxOf(from), { id, ...outcome }, until);
    try {
      if (calls >= maxCalls) throw new SluiceError('unavailable', 'Too many requests');
      calls += 1;
      try {
        const answer = await handler(message);
        void reply({ ok: true, message: answer });
      } finally {
        calls -= 1;
      }
    } catch (error) {
      if (!(error instanceof SluiceError)) log.error('bus: a server threw', { channel, error });
      void reply({ ok: false, ...refusalOf(error) });
    }
  }

  function end(serving: Serving): void {
    if (serving.ended) return;
    serving.ended = true;
    serving.stop();
    if (servings.get(serving.channel) === serving) servings.delete(serving.channel);
    // What fails here runs out.
    connection
      .run(scripts.unserve, [keyOf(serving.channel)], [serving.id], repeatable)
      .catch(() => undefined);
  }

  return {
    keyOf,
    processOf: (id) => id.slice(0, Math.max(0, id.lastIndexOf('.'))),
    serve(channel, handler) {
      const before = servings.get(channel);
      if (before) end(before);
      count += 1;
      const id = `${me}.${count}`;
      const serving: Serving = {
        channel,
        id,
        stamp: '',
        replaced: false,
        ended: false,
        stop: connection.subscriptions.listen(`${keyOf(channel)}:${id}`, {
          message: (bytes) => void answer(bytes, channel, handler),
          restored: () => void register(serving),
        }),
      };
      servings.set(channel, serving);
      return () => end(serving);
    },
    async settled() {
      const open = () => [...servings.values()].some(({ stamp, replaced }) => stamp === '' && !replaced);
      while (open()) await new Promise<void>((resolve) => void clock.after(5, resolve));
    },
    close() {
      stopRenewing();
      replies.close();
      for (const serving of [...servings.values()]) end(serving);
    },
  };
}

function readRequest(bytes: Uint8Array): v.InferOutput<typeof requestSchema> | undefined {
  try {
    return v.parse(requestSchema, decode(bytes));
  } catch {
    return undefined;
  }
}
