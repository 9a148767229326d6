// A relay that dies and comes back while everybody talks through it: nothing acknowledged is lost or doubled, and the edges
// behind it live on.
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Relay } from '../../edge/platform/redis/relay/relay.ts';
import { relayTo } from '../../edge/platform/redis/relay/scripted-relay.ts';
import { createEdges, type ScriptedEdges, until } from '../../edge/platform/redis/scripted-edges.ts';
import { startRedis, type ScriptedRedis } from '../../edge/platform/redis/scripted-redis.ts';
import { faultsOf, talker } from './talk.ts';

const long = process.env.SLUICE_LONG === '1';
const deaths = long ? 50 : 3;
const settings = { snapshotEvery: 1_000_000 };

let redis: ScriptedRedis;
let relay: Relay;
let edges: ScriptedEdges;
beforeEach(async () => {
  redis = await startRedis();
  relay = await relayTo(redis.url);
  await until(() => relay.status().home);
  edges = await createEdges(redis.url);
});
afterEach(async () => {
  await edges.close();
  await relay.close();
  await redis.kill();
});

it('nothing said over a relay that dies is lost or doubled', { timeout: 120_000 }, async () => {
  const url = `redis://127.0.0.1:${relay.port}`;
  const behind = await Promise.all(
    ['behind1', 'behind2'].map(async (name) => talker(name, await edges.edge(name, { url, settings }))),
  );
  const beside = await talker('beside', await edges.edge('beside', { settings }));
  const talkers = [...behind, beside];
  let dying = true;
  const talks = talkers.map(async (each) => {
    // A few at a time, so that there is always something under way; a rest, so that nobody drowns out the others.
    while (dying) {
      await Promise.all(Array.from({ length: 5 }, () => each.speak()));
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  });
  const recoveriesMs: number[] = [];
  for (let death = 0; death < deaths; death += 1) {
    const spoken = behind.map(({ ackMs }) => ackMs.length);
    await until(() => behind.every(({ ackMs }, index) => ackMs.length > (spoken[index] ?? 0) + 20));
    const { port } = relay;
    await relay.close();
    relay = await relayTo(redis.url, { port });
    const back = performance.now();
    const before = behind.map(({ ackMs }) => ackMs.length);
    await until(() => behind.every(({ ackMs }, index) => ackMs.length > (before[index] ?? 0) + 5));
    recoveriesMs.push(performance.now() - back);
  }
  dying = false;
  await Promise.all(talks);

  expect(await faultsOf(edges, talkers)).toEqual([]);
  const rooms = talkers.map(({ edge }) => edge.room);
  const last = Math.max(...rooms.map(({ state }) => state.seq));
  await until(() => rooms.every(({ state }) => state.seq === last));
  for (const { state } of rooms) expect(state).toEqual(rooms[0]?.state);
  if (!long) return;
  recoveriesMs.sort((a, b) => a - b);
  const [p50, p95] = [0.5, 0.95].map((share) => recoveriesMs[Math.floor(share * recoveriesMs.length)]);
  const said = talkers.reduce((sum, { ackMs }) => sum + ackMs.length, 0);
  console.log(
    `${deaths} deaths of the relay, ${said} commands; back after p50 ${p50?.toFixed(0)} p95 ${p95?.toFixed(0)} ms`,
  );
});
