// Tokens and signed requests at several edges, each with its own connection to one Redis.
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { createReplayProtection, defaultReplaySettings } from '../management/replay-protection.ts';
import { nodeClock as clock } from '../platform/node/clock.ts';
import { createLog } from '../platform/node/log.ts';
import { nodeRandom as random } from '../platform/node/random.ts';
import { createRedisPorts, type RedisPorts } from '../platform/redis/ports.ts';
import { startRedis, type ScriptedRedis } from '../platform/redis/scripted-redis.ts';
import { roomDocument } from '../store/conformance/room-document.ts';
import { rotateServerKey } from './server-keys.ts';
import { edited } from './token-forge.ts';
import { createTokens, type TokenRequest } from './tokens.ts';

const edgeCount = 4;
const log = createLog({ name: 'test', level: 'silent' });
let redis: ScriptedRedis;
let edges: readonly RedisPorts[];
let request: TokenRequest;

const tokensOf = (ports: RedisPorts) =>
  createTokens({ ...ports, clock, random, address: () => ({ host: 'h:1', secure: true }) });
function edge(index: number): RedisPorts {
  const found = edges[index % edges.length];
  if (found === undefined) throw new Error('there is no such edge');
  return found;
}

beforeAll(async () => {
  redis = await startRedis();
  edges = Array.from({ length: edgeCount }, () =>
    createRedisPorts({ urls: { rooms: redis.url }, clock, random, log }),
  );
});
afterAll(async () => {
  await Promise.all(edges.map((ports) => ports.close()));
  await redis.kill();
});
beforeEach(async () => {
  const { directory } = edge(0);
  const name = `service ${Math.random()}`;
  const service = await directory.createService({ _id: '', name, key: 'k', encrypted: false });
  const room = await directory.createRoom(service._id, roomDocument('room'));
  const origin = { isp: 'isp', region: 'region' };
  request = { user: 'ann', role: 'presenter', room: room._id, service: service._id, origin };
});

it('a token issued at one edge is read at every other, and used up at one of them', async () => {
  const token = await tokensOf(edge(0)).issue(request);
  const readers = edges.map(tokensOf);
  for (const reader of readers) expect(await reader.verify(token)).toMatchObject({ user: 'ann' });
  const answers = await Promise.allSettled(
    Array.from({ length: 64 }, (_, n) => tokensOf(edge(n)).redeem(edited(token, { secure: n % 2 === 0 }))),
  );
  const refusals = answers.flatMap((answer) => (answer.status === 'rejected' ? [String(answer.reason)] : []));
  expect(refusals).toHaveLength(63);
  expect(new Set(refusals)).toEqual(new Set(['SluiceError: Invalid token']));
});

it('over a change of keys at one edge, what any edge issues is read at every other', async () => {
  const tokens = edges.map(tokensOf);
  const issued = await Promise.all(tokens.map((each) => each.issue(request)));
  await rotateServerKey({ directory: edge(1).directory, random }, 'token');
  issued.push(...(await Promise.all(tokens.map((each) => each.issue(request)))));
  for (const token of issued)
    for (const reader of tokens) expect(await reader.verify(token)).toMatchObject({ user: 'ann' });
});

it('a room deleted at one edge lets nobody in at another', async () => {
  const token = await tokensOf(edge(0)).issue(request);
  await edge(1).directory.removeService(request.service);
  await expect(tokensOf(edge(2)).redeem(token)).rejects.toThrow('Joining room failed');
});

it('a header accepted at one edge is refused at every other', async () => {
  const settings = defaultReplaySettings;
  const guards = edges.map(({ once }) => createReplayProtection({ once, clock, settings }));
  const header = { service: request.service, timestamp: String(Date.now()), signature: 'a' };
  const answers = await Promise.all(guards.map((isNew) => isNew(header)));
  expect(answers.filter(Boolean)).toHaveLength(1);
});
