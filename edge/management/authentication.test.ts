import { beforeEach, describe, expect, it } from 'vitest';
import type { Service } from '../../schemas/management.ts';
import { ScriptedServer } from './scripted-server.ts';

let server: ScriptedServer;
beforeEach(async () => {
  server = await ScriptedServer.start();
});

async function status(timestamp: string | number, nonce: string, by = server.sampleService, on = server) {
  const authorization = await on.header(by, { timestamp: String(timestamp), nonce });
  return (await on.send('/v1/rooms', { headers: { authorization } })).status;
}

/** The nonces of clients in the field: the JavaScript REST client's, the console's, and a native one's. */
const clients = [
  [
    '16 hexadecimal digits',
    (count: number) => (0x9e37_79b9_7f4a_7c15n * BigInt(count + 1)).toString(16).slice(-16),
  ],
  ['an integer below 99,999', (count: number) => String((count * 48_271) % 99_999)],
  ['an integer that comes twice in a millisecond', (count: number) => String(count % 50)],
  ['always the same word', () => 'cnonce'],
] as const;

describe('requests of one client at once', () => {
  it.each(clients)('rest-api#4 200 of them are accepted in any order, nonces being %s', async (_, nonce) => {
    const now = server.clock.now();
    // Made within 4 ms and arriving as the network likes.
    const made = Array.from({ length: 200 }, (__, count) => ({
      timestamp: now + (count % 4),
      nonce: nonce(count),
    }));
    const sent = made.map((request, count) => made[(count * 77) % 200] ?? request);
    const answers = await Promise.all(sent.map((each) => status(each.timestamp, each.nonce)));
    expect(answers.filter((answer) => answer !== 200)).toEqual([]);
  });

  it('the original’s check refuses what is overtaken: it is off unless asked for', async () => {
    const strict = await ScriptedServer.start({ timestampCheck: true });
    const by = strict.sampleService;
    expect(await status(2_000, 'a', by, strict)).toBe(200);
    expect(await status(1_999, 'b', by, strict)).toBe(401);
  });
});

describe('a captured header', () => {
  it('rest-api#4 is accepted again at once, and not later', async () => {
    const sent = server.clock.now();
    expect(await status(sent, 'a')).toBe(200);
    expect(await status(sent, 'a')).toBe(200);
    server.clock.time += 60_000;
    expect(await status(sent, 'a')).toBe(401);
    expect(await status(sent, 'b')).toBe(200);
  });

  it('is of no use for another path or method either', async () => {
    const authorization = await server.header(server.superService);
    await server.send('/services', { headers: { authorization } });
    server.clock.time += 60_000;
    const path = `/services/${server.sampleService._id}`;
    const reply = await server.send(path, { method: 'DELETE', headers: { authorization } });
    expect(reply.status).toBe(401);
  });

  it('is of no use after hours, whether or not others asked meanwhile', async () => {
    const sent = server.clock.now();
    expect(await status(sent, 'a')).toBe(200);
    server.clock.time += 5 * 3_600_000;
    expect(await status(sent, 'a')).toBe(401);
  });

  it('whose signature is wrong takes nothing from the right one', async () => {
    const forged: Service = { ...server.sampleService, key: 'other' };
    const sent = server.clock.now();
    expect(await status(sent, 'a', forged)).toBe(401);
    server.clock.time += 60_000;
    expect(await status(sent, 'a')).toBe(200);
  });
});

describe('with a window', () => {
  beforeEach(async () => {
    server = await ScriptedServer.start({ clockWindowMs: 300_000 });
  });

  it('200 requests at once are accepted, and clocks that are off are not', async () => {
    const now = server.clock.now();
    const answers = await Promise.all(Array.from({ length: 200 }, (_, n) => status(now - n, `nonce ${n}`)));
    expect(new Set(answers)).toEqual(new Set([200]));
    expect(await status(now - 300_001, 'x')).toBe(401);
    expect(await status(now + 300_001, 'x')).toBe(401);
  });
});
