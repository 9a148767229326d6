// Owns the benchmark of an edge on Deno against the same edge on Node, in one cluster on one Redis: texts delivered per
// CPU-second, and memory per connection.
import { TestCluster, type EdgeMember } from '../../support/cluster.ts';
import { owtRest } from '../../support/owt-client.ts';
import { sampleToken } from '../../support/signal-client.ts';
import { rssMib } from '../lib/proc.ts';
import { type Benchmark, median, progress, round, type Row, table } from '../lib/report.ts';
import { type Load, type LoadResult, runLoad, Tally } from '../signaling/load.ts';
import { type Member, sluiceMember } from '../signaling/member.ts';

const loads: readonly Load[] = [
  { size: 10, seconds: 3, outstanding: 16, pacedPerSecond: 50 },
  { size: 100, seconds: 3, outstanding: 16, pacedPerSecond: 20 },
];
const rounds = 3;
/** In rooms of ten. */
const connections = 1000;
const runtimes = ['node', 'deno'] as const;
type Runtime = (typeof runtimes)[number];

interface Stage {
  readonly edges: Readonly<Record<Runtime, EdgeMember>>;
  newRoom(): Promise<string>;
}

async function fill(edge: EdgeMember, room: string, size: number, heard: (message: string) => void) {
  const members: Member[] = [];
  for (let index = 0; index < size; index += 1) {
    const token = await sampleToken(edge.url, `member ${index}`, room);
    members.push(await sluiceMember(edge.url, token, heard));
  }
  return members;
}

async function measure({ edges, newRoom }: Stage, runtime: Runtime, load: Load): Promise<LoadResult> {
  const tally = new Tally(load.size);
  const members = await fill(edges[runtime], await newRoom(), load.size, tally.heard);
  try {
    return await runLoad(edges[runtime].pid, tally, members, load);
  } finally {
    for (const member of members) member.close();
  }
}

/** KiB of resident memory that one more connection takes. */
async function memory({ edges, newRoom }: Stage, runtime: Runtime): Promise<number> {
  const { pid } = edges[runtime];
  const before = rssMib(pid);
  const members: Member[] = [];
  while (members.length < connections) {
    members.push(...(await fill(edges[runtime], await newRoom(), 10, () => undefined)));
  }
  const grown = rssMib(pid) - before;
  for (const member of members) member.close();
  return (grown * 1024) / connections;
}

export const deno: Benchmark = {
  name: 'deno',
  about:
    'an edge on Deno against one on Node: texts per CPU-second in rooms of 10 and 100, memory a connection',
  async run() {
    const cluster = await TestCluster.start();
    try {
      const edges = { node: await cluster.edge(), deno: await cluster.edge({ runtime: 'deno' }) };
      const { sample } = edges.node;
      const stage: Stage = {
        edges,
        async newRoom() {
          const { text } = await owtRest(edges.node.url, sample, 'POST', '/rooms', { name: 'bench' });
          const room = JSON.parse(text) as { readonly _id: string };
          return room._id;
        },
      };
      const rows: Row[] = [];
      const perCpuSecond: Record<Runtime, number[]> = { node: [], deno: [] };
      for (const load of loads) {
        const results: Record<Runtime, LoadResult[]> = { node: [], deno: [] };
        for (let turn = 1; turn <= rounds; turn += 1) {
          for (const runtime of runtimes) {
            progress(`room of ${load.size}, round ${turn} of ${rounds}: ${runtime}`);
            results[runtime].push(await measure(stage, runtime, load));
          }
        }
        for (const runtime of runtimes) {
          const of = (pick: (result: LoadResult) => number) => median(results[runtime].map(pick));
          perCpuSecond[runtime].push(of((result) => result.perCpuSecond));
          rows.push({
            runtime,
            room: load.size,
            'deliveries/CPU-s': Math.round(of((result) => result.perCpuSecond)),
            'p50 ms': round(of((result) => result.p50Ms)),
            'p99 ms': round(of((result) => result.p99Ms)),
          });
        }
      }
      console.log(table(rows));
      const kib: Partial<Record<Runtime, number>> = {};
      for (const runtime of runtimes) {
        progress(`${connections} connections: ${runtime}`);
        kib[runtime] = round(await memory(stage, runtime), 1);
      }
      const ratios = perCpuSecond.deno.map((each, index) => round(each / (perCpuSecond.node[index] ?? 0)));
      return {
        bench: 'deno',
        ratio: ratios.at(-1) ?? Number.NaN,
        better: 'higher',
        baseline: 'the same edge on Node, room of 100, deliveries per CPU-second',
        details: { ratios: { 10: ratios[0], 100: ratios[1] }, kibPerConnection: kib },
      };
    } finally {
      await cluster.stop();
    }
  },
};
