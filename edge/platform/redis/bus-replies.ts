// Owns bringing replies to who asked: again while nobody hears one, since the asker's connection or this one may just be
// coming back, until the asker has given up.
import { Encoder } from '@msgpack/msgpack';
import type { Clock, Log } from '../../clock.ts';
import replyLua from './bus-reply.lua';
import type { RedisConnection } from './connection.ts';
import { script } from './script.ts';

export interface BusReplies {
  /** Sends a reply to an inbox; `until`, by the clock, somebody may wait for it. Never rejects. */
  send(inbox: string, reply: unknown, until: number): Promise<void>;
  /** Nothing is sent again. */
  close(): void;
}

const replyScript = script(replyLua);
/** Twice is as good as once: an asker takes the first. */
const repeatable = { repeatable: true };
/** Kept: to make one costs more than to encode most messages. */
const encoder = new Encoder({ ignoreUndefined: true });
const firstPauseMs = 50;
const longestPauseMs = 400;
/** More that wait to be sent again are not. */
const maxUnheard = 10_000;
const warnEveryMs = 10_000;

export function createBusReplies(options: {
  connection: RedisConnection;
  clock: Clock;
  log: Log;
}): BusReplies {
  const { connection, clock, log } = options;
  const { publishCommand } = connection;
  let unheard = 0;
  let warnedAt = -Infinity;
  let closed = false;

  function lost(inbox: string, error: unknown): void {
    if (closed || clock.now() - warnedAt < warnEveryMs) return;
    warnedAt = clock.now();
    log.warn('bus: replies are lost', { inbox, error });
  }

  return {
    async send(inbox, reply, until) {
      let bytes;
      try {
        bytes = encoder.encode(reply);
      } catch (error) {
        log.error('bus: a reply could not be encoded', { inbox, error });
        return;
      }
      for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(longestPauseMs, 2 * pauseMs)) {
        let failure: unknown;
        try {
          const hearers = await connection.run(replyScript, [inbox], [bytes, publishCommand], repeatable);
          if (hearers !== 0) return;
        } catch (error) {
          failure = error;
        }
        if (closed || unheard >= maxUnheard || clock.now() + pauseMs >= until) {
          lost(inbox, failure);
          return;
        }
        unheard += 1;
        await new Promise<void>((resolve) => void clock.after(pauseMs, resolve));
        unheard -= 1;
      }
    },
    close() {
      closed = true;
    },
  };
}
