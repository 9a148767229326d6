// Owns `npm run soak`: participants join, publish or subscribe, and leave, over and over, while memory, descriptors and
// threads of edge and worker are sampled. It prints how they grow.
import { descriptors, rssMib, threads } from '../bench/lib/proc.ts';
import { inTime, receive, send } from '../support/call.ts';
import { TestCluster } from '../support/cluster.ts';
import { readOptions } from '../support/read-options.ts';
import { startSluice } from '../support/server.ts';
import { sampleToken, SignalClient } from '../support/signal-client.ts';
import { slope } from './slope.ts';

const usage = `npm run soak -- [OPTION …]

Joins and leaves over and over. Exits with 1 when a join failed or something grows.

  --joins N        how often; 2000
  --parallel N     how many at a time; 4
  --runtime deno   an edge on Deno with a worker host and Redis, instead of the standalone server`;

const values = readOptions(usage, {
  joins: { type: 'string', default: '2000' },
  parallel: { type: 'string', default: '4' },
  runtime: { type: 'string', default: 'node' },
});
const joins = Number(values.joins);
const parallel = Number(values.parallel);
const samples = 20;
/** Samples of the first part are warm-up: buffers and compiled code that come once. */
const warmUp = 0.3;
/** Growth per 1,000 joins above which the run fails. */
const bounds = { rssMib: 8, descriptors: 1, threads: 1 };
type Measure = keyof typeof bounds;
const measures: readonly Measure[] = ['rssMib', 'descriptors', 'threads'];

interface Sample {
  readonly joins: number;
  readonly edge: Readonly<Record<Measure, number>>;
  readonly worker: Readonly<Record<Measure, number>>;
}

const measured = (pid: number): Record<Measure, number> => ({
  rssMib: rssMib(pid),
  descriptors: descriptors(pid),
  threads: threads(pid),
});

const config = '[log]\nlevel = "warn"';

async function startOnDeno() {
  const cluster = await TestCluster.start();
  const edge = await cluster.edge({ config, runtime: 'deno' });
  const host = await cluster.workers({ config, args: ['--processes', '1'] });
  return { ...edge, workerPid: () => host.workers[0] ?? -1, stop: () => cluster.stop() };
}

const server = values.runtime === 'deno' ? await startOnDeno() : await startSluice({ config });
let stopping = false;
void server.ended.then((code) => {
  if (stopping) return;
  console.error(`the server ended with ${code}\n${server.output().slice(-5000)}`);
  process.exit(1);
});
const taken: Sample[] = [];
let failures = 0;
try {
  const resident = await SignalClient.join(server.url, await sampleToken(server.url, 'resident'));
  const sending = await send(resident);
  const workerPid = server.workerPid();

  /** One life: every fourth publishes, the others subscribe to the resident and wait for media. */
  const live = async (index: number): Promise<void> => {
    const client = await SignalClient.join(server.url, await sampleToken(server.url, `visitor ${index}`));
    try {
      if (index % 4 === 0) (await send(client)).close();
      else {
        const receiving = await receive(client, sending.session.id);
        await inTime(receiving.firstPacket).finally(() => receiving.close());
      }
    } finally {
      await client.leave();
    }
  };

  const batch = Math.max(1, Math.round(joins / samples));
  const sample = (done: number): void => {
    const one = { joins: done, edge: measured(server.pid), worker: measured(workerPid) };
    taken.push(one);
    const text = (process: Sample['edge']): string =>
      `${process.rssMib.toFixed(0)} MiB, ${process.descriptors} fds, ${process.threads} threads`;
    console.log(`${String(done).padStart(6)} joins  edge ${text(one.edge)}  worker ${text(one.worker)}`);
  };
  sample(0);
  for (let done = 0; done < joins;) {
    const end = Math.min(joins, done + batch);
    let next = done;
    const lane = async (): Promise<void> => {
      while (next < end) {
        const index = next++;
        await live(index).catch((error: unknown) => {
          failures++;
          console.error(`join ${index} failed: ${String(error)}`);
        });
      }
    };
    await Promise.all(Array.from({ length: parallel }, lane));
    done = end;
    // What is freed with a delay (closing connections) is given that delay.
    await new Promise((resolve) => setTimeout(resolve, 500));
    sample(done);
  }
  sending.close();
  await resident.leave();
} finally {
  stopping = true;
  await server.stop();
}

const steady = taken.filter((one) => one.joins >= joins * warmUp);
const growth = (process: 'edge' | 'worker', measure: Measure): number =>
  Number((slope(steady.map((one) => ({ x: one.joins, y: one[process][measure] }))) * 1000).toFixed(3));
const slopes = {
  edge: Object.fromEntries(measures.map((measure) => [measure, growth('edge', measure)])),
  worker: Object.fromEntries(measures.map((measure) => [measure, growth('worker', measure)])),
};
console.log('\ngrowth per 1,000 joins');
console.table(slopes);
const grown = (['edge', 'worker'] as const).flatMap((process) =>
  measures
    .filter((measure) => (slopes[process][measure] ?? 0) > bounds[measure])
    .map((measure) => `${process} ${measure}`),
);
if (grown.length > 0) console.log(`not flat: ${grown.join(', ')}`);
console.log(
  JSON.stringify({ soak: 'churn', joins, failures, slopesPer1000Joins: slopes, flat: grown.length === 0 }),
);
// Closed peer connections of this process may keep threads.
process.exit(failures === 0 && grown.length === 0 ? 0 : 1);
