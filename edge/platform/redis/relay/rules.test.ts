// What many clients can share one connection for.
import { describe, expect, it } from 'vitest';
import { ruleOn, type Asker } from './rules.ts';

const member: Asker = { authenticated: true, listens: false };
const words = (text: string) => text.split(' ').map((word) => Buffer.from(word));
const rule = (text: string, asker: Partial<Asker> = {}) => {
  const ruling = ruleOn(words(text), { ...member, ...asker });
  return ruling.does === 'answer' ? ruling.reply.toString() : ruling.does;
};

it.each([
  'EVALSHA x',
  'evalsha x',
  'Publish c m',
  'PING',
  'SET k v PX 1 NX',
  'SCRIPT LOAD x',
  'XADD k * f v',
])('%s is passed on', (text) => expect(rule(text)).toBe('pass'));

it.each([
  'MULTI',
  'EXEC',
  'WATCH k',
  'BLPOP k 0',
  'XREAD BLOCK 0 STREAMS k 0',
  'WAIT 1 0',
  'MONITOR',
  'CONFIG GET *',
  'FLUSHALL',
  'FLUSHDB',
  'SCRIPT FLUSH',
  'SCRIPT KILL',
  'CLIENT KILL TYPE normal',
  'CLIENT REPLY OFF',
  'SELECT 1',
  'PSUBSCRIBE *',
  'SSUBSCRIBE c',
  'HELLO 3',
  'RESET',
  'SHUTDOWN',
  'DEBUG SLEEP 1',
  'KEYS *',
  'REPLICAOF a 1',
  'NONSENSE',
  '',
])('%s is refused with a reason', (text) => {
  expect(rule(text)).toMatch(/^-ERR the relay does not pass on [A-Z?]*: .*\r\n$/);
});

it('no word of a request gets into an error but letters of its name', () => {
  const reply = rule('A\r\n+OK\r\n$1%secret hunter2');
  expect(reply).toMatch(/^-ERR [^\r\n]*\r\n$/);
  expect(reply).not.toMatch(/hunter2|secret/);
});

it.each(['CLIENT SETNAME sluice', 'CLIENT setinfo LIB-NAME x', 'SELECT 0'])(
  '%s is taken and means nothing',
  (text) => {
    expect(rule(text)).toBe('+OK\r\n');
  },
);

describe('who has not said the password', () => {
  it.each(['PING', 'GET k', 'SUBSCRIBE c', 'CLIENT SETNAME x', 'NONSENSE'])('cannot do %s', (text) => {
    expect(rule(text, { authenticated: false })).toMatch(/^-NOAUTH /);
  });
  it.each([
    ['AUTH hunter2', 'hunter2'],
    ['AUTH somebody hunter2', 'hunter2'],
  ])('can say it: %s', (text, password) => {
    expect(ruleOn(words(text), { authenticated: false, listens: false })).toEqual({
      does: 'authenticate',
      password: Buffer.from(password),
    });
  });
});

describe('who listens', () => {
  const listens = { listens: true };
  it.each([
    ['SUBSCRIBE a b', 'listen'],
    ['UNSUBSCRIBE', 'unlisten'],
    ['QUIT', 'quit'],
    ['PING', '*2\r\n$4\r\npong\r\n$0\r\n\r\n'],
  ])('can do %s', (text, outcome) => expect(rule(text, listens)).toBe(outcome));
  it('can do nothing else', () => expect(rule('GET k', listens)).toMatch(/^-ERR a client that subscribes/));
});
