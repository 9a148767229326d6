// Several edges decide in one room while connections are cut by chance: every acknowledged command stands in the log once,
// in the order of its client, and all replicas are equal.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createEdges, insist, join, say, until, type ScriptedEdges } from './scripted-edges.ts';
import { startRedis, startRedisCluster, type ScriptedRedis } from './scripted-redis.ts';

const edgeNames = ['e1', 'e2', 'e3'];
const clientsAnEdge = 3;
const commandsAClient = 40;
const limitMs = 120_000;

/** Numbers by chance, the same for the same seed (mulberry32). */
function chance(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

async function disturb(nodes: readonly ScriptedRedis[], below: (limit: number) => number): Promise<void> {
  const node = nodes[below(nodes.length)];
  switch (below(4)) {
    case 0:
      await node?.admin.script('FLUSH');
      break;
    case 1:
      await node?.admin.call('CLIENT', 'KILL', 'TYPE', 'pubsub');
      break;
    default:
      await node?.admin.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
  }
}

describe.each([
  ['Redis', startRedis],
  ['Redis Cluster', startRedisCluster],
] as const)('on a disturbed %s', (_, start) => {
  let server: { readonly url: string; kill(): Promise<void> };
  let nodes: readonly ScriptedRedis[];
  let edges: ScriptedEdges;
  beforeAll(async () => {
    const started = await start();
    server = started;
    nodes = 'nodes' in started ? started.nodes : [started];
  });
  afterAll(() => server.kill());

  it.each([1, 2, 3])(
    'every command once, in order, on every replica (seed %i)',
    { timeout: limitMs },
    async (seed) => {
      const below = chance(seed);
      await Promise.all(nodes.map(({ admin }) => admin.flushall()));
      edges = await createEdges(server.url);
      const open = await Promise.all(edgeNames.map((name) => edges.edge(name)));
      let disturbed = 0;
      await Promise.all(
        open.flatMap(({ room }, edge) =>
          Array.from({ length: clientsAnEdge }, async (_each, client) => {
            const participant = `p${edge}.${client}`;
            const tell = (cid: number) => {
              const command =
                cid === 1 ? join(participant, `e${edge + 1}`) : say(participant, `${participant} ${cid}`);
              return insist(() => room.execute(command, { participant, cid }));
            };
            for (let cid = 1; cid <= commandsAClient; cid += 1) {
              const told = tell(cid);
              if (below(15) === 0) {
                disturbed += 1;
                await disturb(nodes, below);
              }
              expect(await told).toMatchObject({ ok: true });
            }
          }),
        ),
      );
      expect(disturbed).toBeGreaterThan(3);

      const last = Math.max(...open.map(({ room }) => room.state.seq));
      await until(() => open.every(({ room }) => room.state.seq >= last));
      for (const { room } of open) expect(room.state).toEqual(open[0]?.room.state);
      const fresh = await edges.edge('fresh');
      expect(fresh.room.state).toEqual(open[0]?.room.state);
      const texts = await edges.texts();
      for (let edge = 0; edge < open.length; edge += 1) {
        for (let client = 0; client < clientsAnEdge; client += 1) {
          const own = texts.filter((text) => text.startsWith(`p${edge}.${client} `));
          const all = Array.from(
            { length: commandsAClient - 1 },
            (_each, at) => `p${edge}.${client} ${at + 2}`,
          );
          expect(own).toEqual(all);
        }
      }
      expect(texts).toHaveLength(edgeNames.length * clientsAnEdge * (commandsAClient - 1));
      await edges.close();
    },
  );
});
