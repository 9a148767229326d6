import { beforeEach, describe, expect, it, vi } from 'vitest';
import { roomDocument } from '../store/conformance/room-document.ts';
import type { Ports } from '../store/ports.ts';
import { createHomes } from '../cluster/homes.ts';
import { HastyClock, seededRandom } from '../management/scripted-server.ts';
import { createMemoryPorts } from '../platform/memory/ports.ts';
import { sign } from './signature.ts';
import { fromBase64, toBase64 } from './text-codec.ts';
import { createTokens, type TokenRequest, type Tokens } from './tokens.ts';

let request: TokenRequest;
let clock: HastyClock;
let ports: Ports;
let tokens: Tokens;
const address = () => ({ host: 'portal.example.com:8080', secure: true });

beforeEach(async () => {
  clock = new HastyClock();
  const random = seededRandom(1);
  ports = await createMemoryPorts({ clock, random });
  const { directory } = ports;
  const service = await directory.createService({ _id: '', name: 's', key: 'k', encrypted: false });
  const room = await directory.createRoom(service._id, roomDocument('room'));
  const origin = { isp: 'isp', region: 'region' };
  request = { user: 'alice', role: 'presenter', room: room._id, service: service._id, origin };
  tokens = createTokens({ ...ports, clock, random, address });
});

interface Payload {
  tokenId: string;
  host: string;
  secure: boolean;
  signature: string;
}
function edited(token: string, change: object): string {
  return toBase64(JSON.stringify({ ...(JSON.parse(fromBase64(token)) as Payload), ...change }));
}

describe('join tokens', () => {
  it('rest-api#16 are base64 of JSON, signed over id, host and the word undefined', async () => {
    const payload = JSON.parse(fromBase64(await tokens.issue(request))) as Payload;
    expect(payload).toMatchObject({ host: 'portal.example.com:8080', secure: true });
    expect(Object.keys(payload)).toEqual(['tokenId', 'host', 'secure', 'signature']);
    const { current } = await ports.directory.keys('token', () => 'never made');
    expect(current.secret).toMatch(/^[0-9a-f]{128}$/);
    expect(payload.signature).toBe(
      await sign(current.secret, `${payload.tokenId},${payload.host},undefined`),
    );
  });

  it('rest-api#17 the vector of the specification verifies', async () => {
    const random = seededRandom(2);
    const theirs = await createMemoryPorts({ clock, random });
    await theirs.directory.keys('token', () => 'kkkkkkkk');
    const portal = createTokens({ ...theirs, clock, random, address });
    const token = toBase64(
      '{"tokenId":"65f000000000000000000001","host":"portal.example.com:8080","secure":true,"signature":' +
        '"MzE1MDNlOWI0Mjk5NGUyNWZlOGQ5YWRjOTcyNWVhYzM1YjBhNzE0OTE5YmNiZjJkODhiODhmYTJmODdjNjEzOA=="}',
    );
    // Its signature is good; nobody knows what it stands for.
    await expect(portal.redeem(token)).rejects.toThrow(/^Invalid token$/);
    const altered = edited(token, { tokenId: '65f000000000000000000002' });
    await expect(portal.redeem(altered)).rejects.toThrow('Invalid token signature');
    await theirs.directory.rotate('token', () => 'next', 60_000);
    clock.time += 10_000;
    await expect(portal.redeem(token)).rejects.toThrow(/^Invalid token$/);
  });

  it('rest-api#18 log in once', async () => {
    const token = await tokens.issue(request);
    const results = await Promise.allSettled([
      tokens.redeem(token),
      tokens.redeem(token),
      tokens.redeem(token),
    ]);
    expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected', 'rejected']);
    await expect(tokens.redeem(token)).rejects.toMatchObject({
      code: 'unauthenticated',
      message: 'Invalid token',
    });
  });

  it('rest-api#18 expire after 180 seconds, and say so', async () => {
    const [kept, old, older] = [
      await tokens.issue(request),
      await tokens.issue(request),
      await tokens.issue(request),
    ];
    clock.time += 180_000;
    expect(await tokens.redeem(kept)).toMatchObject(request);
    clock.time += 1;
    await expect(tokens.redeem(old)).rejects.toThrow('Expired');
    clock.time += 3_000_000;
    await expect(tokens.redeem(older)).rejects.toThrow('Expired');
  });

  it('rest-api#18 are refused with an edited host, but not with an edited secure', async () => {
    const token = await tokens.issue(request);
    await expect(tokens.redeem(edited(token, { host: 'evil:1' }))).rejects.toThrow('Invalid token signature');
    await expect(tokens.redeem(edited(token, { webTransportUrl: 'https://x/' }))).rejects.toThrow(
      'Invalid token signature',
    );
    expect(await tokens.redeem(edited(token, { secure: false }))).toMatchObject(request);
  });

  it('rest-api#20 may name another address than the configured one', async () => {
    const token = await tokens.issue({ ...request, address: { host: 'edge:80', secure: false } });
    expect(JSON.parse(fromBase64(token))).toMatchObject({ host: 'edge:80', secure: false });
    await expect(tokens.redeem(token)).resolves.toMatchObject(request);
  });

  it.each([
    ['nothing', '', /JSON/],
    ['no JSON', toBase64('{"tokenId":'), /JSON/],
    ['no base64', '%%%%', /JSON/],
    ['a number', toBase64('5'), /^Invalid token signature$/],
    ['null', toBase64('null'), /^Invalid token signature$/],
    ['no signature', toBase64('{"tokenId":"a","host":"b","secure":true}'), /^Invalid token signature$/],
  ])('explain garbage: %s', async (_, token, message) => {
    await expect(tokens.redeem(token)).rejects.toMatchObject({
      code: 'unauthenticated',
      message: expect.stringMatching(message) as string,
    });
  });

  it('are not even read at a megabyte', async () => {
    const started = performance.now();
    await expect(tokens.redeem('A'.repeat(1_000_000))).rejects.toThrow(/^Invalid token$/);
    expect(performance.now() - started).toBeLessThan(20);
  });

  it.each([
    ['a user of 1,024 signs', { user: '界'.repeat(1024) }],
    ['a long preference', { origin: { isp: 'i'.repeat(1000), region: 'r'.repeat(1000) } }],
  ])('have room for %s', async (_, change) => {
    const token = await tokens.issue({ ...request, ...change });
    expect(await tokens.redeem(token)).toMatchObject(change);
  });

  it.each([
    ['a user of control characters', { user: '\u0001'.repeat(1024) }],
    ['an endless preference', { origin: { isp: '', region: 'r'.repeat(50_000) } }],
  ])('are not made too long to be redeemed: %s', async (_, change) => {
    await expect(tokens.issue({ ...request, ...change })).rejects.toMatchObject({ code: 'bad-request' });
  });
});

describe('tokens of a room with a home', () => {
  it('are remembered there, and not used up where that is not known', async () => {
    const random = seededRandom(3);
    const west = await createMemoryPorts({ clock, random });
    const { service } = request;
    const room = await ports.directory.createRoom(service, roomDocument('west'), 'west');
    const at = (named: ReadonlyMap<string, Ports>) =>
      createTokens({ ...ports, homes: createHomes(ports, named), clock, random, address });
    const token = await tokens.issue({ ...request, room: room._id });
    await expect(at(new Map()).redeem(token)).rejects.toMatchObject({ code: 'unavailable' });
    const there = new Map([['west', west]]);
    expect(await at(there).redeem(token)).toMatchObject({ room: room._id });
    await expect(at(there).redeem(token)).rejects.toThrow('Invalid token');
    // Only there: the memory beside the directory has not heard of it.
    const other = await tokens.issue({ ...request, room: room._id });
    expect(await at(there).redeem(other)).toMatchObject({ room: room._id });
    expect(await at(new Map([['west', ports]])).redeem(other)).toMatchObject({ room: room._id });
  });
});

describe('a token far from the store', () => {
  /** What the store is asked before any of it is answered. */
  async function askedAtOnce(over: Partial<Parameters<typeof createTokens>[0]>): Promise<readonly string[]> {
    const token = await tokens.issue(request);
    await tokens.verify(token);
    const asked: string[] = [];
    const never = (what: string) => () => {
      asked.push(what);
      return new Promise<never>(() => undefined);
    };
    const deps = { ...ports, clock, random: seededRandom(4), address, ...over };
    const portal = createTokens({
      ...deps,
      directory: { ...ports.directory, room: never('its room') },
      once: { first: never('whether it was used') },
    });
    void portal.redeem(token);
    await vi.waitFor(() => expect(asked).not.toEqual([]), { interval: 1 });
    return asked;
  }

  it('costs one round trip where rooms have one home', async () => {
    expect(await askedAtOnce({})).toEqual(['its room', 'whether it was used']);
  });

  it('is not used before it is known in which of several homes its room lives', async () => {
    const west = await createMemoryPorts({ clock, random: seededRandom(5) });
    expect(await askedAtOnce({ homes: createHomes(ports, new Map([['west', west]])) })).toEqual(['its room']);
  });

  it('of a room that is live here: nobody is asked where that is, and the token is good once', async () => {
    const live = (room: string) => (room === request.room ? {} : undefined);
    expect(await askedAtOnce({ live })).toEqual(['whether it was used']);
    const portal = createTokens({ ...ports, live, clock, random: seededRandom(6), address });
    const token = await tokens.issue(request);
    expect(await portal.redeem(token)).toMatchObject(request);
    await expect(portal.redeem(token)).rejects.toThrow('Invalid token');
  });

  it('brings what the directory said of its room', async () => {
    expect((await tokens.redeem(await tokens.issue(request))).entry?.room._id).toBe(request.room);
  });
});
