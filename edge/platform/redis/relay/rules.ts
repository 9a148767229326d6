// Owns which commands many clients can share one connection to Redis for, and what becomes of the others. Pure.
import { errorReply, okReply, pongPush } from './words.ts';

/** What the relay knows of the client that asks. */
export interface Asker {
  readonly authenticated: boolean;
  /** It listens to a channel or is about to. */
  readonly listens: boolean;
}

export type Ruling =
  | { readonly does: 'pass' }
  | { readonly does: 'answer'; readonly reply: Buffer }
  | { readonly does: 'listen' | 'unlisten'; readonly channels: readonly Buffer[] }
  | { readonly does: 'authenticate'; readonly password: Buffer }
  | { readonly does: 'quit' };

/**
 * Whose effect and reply are the same on anybody's connection, and which never wait for anything. A list of what is good:
 * one command that changes the connection (SELECT, MULTI, CLIENT REPLY) or holds it up (BLPOP, WAIT) would do so for
 * everybody.
 */
const shared = new Set(
  (
    'PING ECHO TIME INFO EVAL EVALSHA PUBLISH ' +
    'GET SET GETSET GETDEL GETEX SETEX PSETEX SETNX MGET MSET MSETNX APPEND STRLEN GETRANGE SETRANGE ' +
    'INCR INCRBY INCRBYFLOAT DECR DECRBY ' +
    'DEL UNLINK EXISTS TYPE TOUCH EXPIRE PEXPIRE EXPIREAT PEXPIREAT PERSIST TTL PTTL SCAN ' +
    'HGET HSET HSETNX HMGET HMSET HGETALL HDEL HEXISTS HINCRBY HINCRBYFLOAT HKEYS HVALS HLEN HSCAN ' +
    'LPUSH RPUSH LPUSHX RPUSHX LPOP RPOP LRANGE LLEN LINDEX LSET LREM LTRIM LINSERT LPOS LMOVE ' +
    'SADD SREM SMEMBERS SISMEMBER SMISMEMBER SCARD SPOP SRANDMEMBER SSCAN ' +
    'ZADD ZREM ZSCORE ZMSCORE ZRANGE ZREVRANGE ZRANGEBYSCORE ZREVRANGEBYSCORE ZRANGEBYLEX ZCARD ZCOUNT ZRANK ZREVRANK ' +
    'ZINCRBY ZPOPMIN ZPOPMAX ZREMRANGEBYSCORE ZREMRANGEBYRANK ZSCAN ' +
    'XADD XRANGE XREVRANGE XLEN XTRIM XDEL'
  ).split(' '),
);

const listening = new Set(['PING', 'SUBSCRIBE', 'UNSUBSCRIBE', 'QUIT']);
const empty = Buffer.alloc(0);
const maxNameChars = 32;

/** What becomes of a request; `words` are all of it for a (UN)SUBSCRIBE, else at least the first three. */
export function ruleOn(words: readonly Buffer[], asker: Asker): Ruling {
  const [first = empty, second = empty, third] = words;
  const name = upper(first);
  if (name === 'AUTH') return { does: 'authenticate', password: third ?? second };
  if (name === 'QUIT') return { does: 'quit' };
  if (!asker.authenticated) return refused('NOAUTH Authentication required.');
  if (asker.listens && !listening.has(name)) return refused(`ERR a client that subscribes cannot do ${name}`);
  switch (name) {
    case 'SUBSCRIBE':
    case 'UNSUBSCRIBE': {
      const channels = words.slice(1);
      if (name === 'UNSUBSCRIBE') return { does: 'unlisten', channels };
      if (channels.length === 0) return refused("ERR wrong number of arguments for 'subscribe' command");
      return { does: 'listen', channels };
    }
    case 'PING':
      // To the home, so that a round trip that is measured is the whole one; who listens has another connection there.
      return asker.listens ? { does: 'answer', reply: pongPush(second) } : { does: 'pass' };
    case 'CLIENT':
      // What libraries tell of themselves.
      return ['SETNAME', 'SETINFO'].includes(upper(second))
        ? { does: 'answer', reply: okReply }
        : notShared(name);
    case 'SELECT':
      return second.toString() === '0' ? { does: 'answer', reply: okReply } : notShared(name);
    case 'SCRIPT':
      return ['LOAD', 'EXISTS'].includes(upper(second)) ? { does: 'pass' } : notShared(name);
    default:
      return shared.has(name) ? { does: 'pass' } : notShared(name);
  }
}

/** Whether all words of the request are wanted by `ruleOn`. */
export function wantsAllWords(first: Buffer): boolean {
  return ['SUBSCRIBE', 'UNSUBSCRIBE'].includes(upper(first));
}

function upper(word: Buffer): string {
  // Names go into error texts: nothing but letters gets there.
  return word
    .toString('latin1', 0, maxNameChars)
    .toUpperCase()
    .replaceAll(/[^A-Z]/g, '?');
}

function refused(text: string): Ruling {
  return { does: 'answer', reply: errorReply(text) };
}

function notShared(name: string): Ruling {
  return refused(
    `ERR the relay does not pass on ${name}: its connection to Redis is shared; ask Redis itself`,
  );
}
