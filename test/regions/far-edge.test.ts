// An edge behind 80 ms of round trip in a room in which near edges never stop talking: it is heard, in order, and in time.
import { afterEach, beforeEach, expect, it } from 'vitest';
import { startDistance, type Distance } from '../../deploy/demo/distance.ts';
import { nodeClock } from '../../edge/platform/node/clock.ts';
import { createLog } from '../../edge/platform/node/log.ts';
import { connect } from '../../edge/platform/redis/connection.ts';
import type { Relay } from '../../edge/platform/redis/relay/relay.ts';
import { relayTo } from '../../edge/platform/redis/relay/scripted-relay.ts';
import { createEdges, type ScriptedEdges, until } from '../../edge/platform/redis/scripted-edges.ts';
import { startRedis, type ScriptedRedis } from '../../edge/platform/redis/scripted-redis.ts';
import { faultsOf, quantile, talker, type Talker } from './talk.ts';

const oneWayMs = 40;
const nearNames = ['near1', 'near2', 'near3'];
/** Of all near edges together. */
const nearPerSecond = 200;
const long = process.env.SLUICE_LONG === '1';
const farCommands = long ? 300 : 20;

let redis: ScriptedRedis;
let distance: Distance;
let relay: Relay;
let edges: ScriptedEdges;
beforeEach(async () => {
  redis = await startRedis();
  distance = await startDistance(redis.port, oneWayMs);
  relay = await relayTo(`redis://127.0.0.1:${distance.port}`);
  await until(() => relay.status().home);
  edges = await createEdges(redis.url);
});
afterEach(async () => {
  await edges.close();
  await relay.close();
  await distance.close();
  await redis.kill();
});

/** The whole talk stays in the log, to be looked at. */
const settings = { snapshotEvery: 1_000_000 };

const log = createLog({ name: 'control', level: 'silent' });
const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

/** Commands by chance, that many a second, whether or not the last one is acknowledged, until told to stop. */
function chat(talker: Talker, perSecond: number): () => Promise<void> {
  let going = true;
  const said: Promise<void>[] = [];
  const run = (async () => {
    while (going) {
      said.push(talker.speak());
      await pause((-Math.log(1 - Math.random()) * 1000) / perSecond);
    }
    await Promise.all(said);
  })();
  return () => {
    going = false;
    return run;
  };
}

it(
  'an edge far away is heard by a busy room: every command once, in order',
  { timeout: 200_000 },
  async () => {
    const near = await Promise.all(
      nearNames.map(async (name) => talker(name, await edges.edge(name, { settings }))),
    );
    const farEdge = await edges.edge('far', {
      url: `redis://127.0.0.1:${relay.port}`,
      farMs: oneWayMs,
      settings,
    });
    // Measured, not said.
    await until(() => farEdge.ports.far());
    const far = await talker('far', farEdge);
    const control = connect({
      url: `redis://127.0.0.1:${relay.port}`,
      name: 'control',
      clock: nodeClock,
      log,
    });
    const pingMs: number[] = [];
    const stops = near.map((each) => chat(each, nearPerSecond / near.length));
    for (let count = 0; count < farCommands; count += 1) {
      await far.speak();
      if (!long) continue;
      // What a round trip is at the same time, on the same busy machine, by the same way.
      const began = performance.now();
      await control.send('PING', []);
      pingMs.push(performance.now() - began);
      await pause(-Math.log(1 - Math.random()) * 50);
    }
    await Promise.all(stops.map((stop) => stop()));
    control.close();

    expect(await faultsOf(edges, [...near, far])).toEqual([]);
    const all = [...near, far].map(({ edge }) => edge.room);
    const last = Math.max(...all.map(({ state }) => state.seq));
    await until(() => all.every(({ state }) => state.seq === last));
    for (const { state } of all) expect(state).toEqual(all[0]?.state);
    if (!long) return;
    const nearMs = near.flatMap(({ ackMs }) => ackMs);
    const figures = (ms: readonly number[]) =>
      [0.5, 0.99, 1].map((share) => quantile(ms, share).toFixed(1)).join(' / ');
    console.log(
      `p50 / p99 / max ms: far ${figures(far.ackMs)} of ${far.ackMs.length}; round trip ${figures(pingMs)}; ` +
        `near ${figures(nearMs)} of ${nearMs.length}`,
    );
    expect(quantile(far.ackMs, 0.99)).toBeLessThanOrEqual(1.2 * 2 * oneWayMs);
  },
);
