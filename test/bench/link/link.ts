// Owns the link benchmark: one publisher to receivers on its own worker and on another one, in turns on the same two worker
// processes. What the link costs is the difference: CPU of both workers per packet delivered, and delay.
import { startWorkerCluster, type WorkerCluster } from '../../support/worker-cluster.ts';
import type { Publisher, Receiver } from '../lib/peer.ts';
import { cpuMs } from '../lib/proc.ts';
import { type Benchmark, median, percentile, progress, round, type Row, table } from '../lib/report.ts';

const receivers = 10;
/** Receivers whose packets are counted. */
const watched = 2;
const payloadBytes = 1088;
const packetsPerSecond = 1000;
const seconds = 5;
const rounds = 3;

interface Window {
  readonly packetsOut: number;
  readonly nearCpuUs: number;
  readonly farCpuUs: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly lossPercent: number;
}

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** CPU per packet that leaves for a receiver, of the publisher's worker and of the other one. */
async function measure(
  cluster: WorkerCluster,
  publisher: Publisher,
  samples: readonly Receiver[],
): Promise<Window> {
  const pids = [cluster.pid('near'), cluster.pid('far')];
  await sleep(1500);
  for (const sample of samples) sample.delaysUs = [];
  const cpu = pids.map(cpuMs);
  const sent = publisher.sent;
  const got = samples.map((sample) => sample.packets);
  const start = performance.now();
  await sleep(seconds * 1000);
  const ms = performance.now() - start;
  const used = pids.map((pid, index) => cpuMs(pid) - (cpu[index] ?? 0));
  const sentNow = publisher.sent - sent;
  const received = samples.reduce((sum, sample, index) => sum + sample.packets - (got[index] ?? 0), 0);
  const delays = samples.flatMap((sample) => sample.delaysUs).toSorted((a, b) => a - b);
  const out = sentNow * receivers;
  return {
    packetsOut: Math.round((out / ms) * 1000),
    nearCpuUs: ((used[0] ?? Number.NaN) * 1000) / out,
    farCpuUs: ((used[1] ?? Number.NaN) * 1000) / out,
    p50Ms: percentile(delays, 0.5) / 1000,
    p99Ms: percentile(delays, 0.99) / 1000,
    lossPercent: Math.max(0, 100 - (100 * received) / (sentNow * samples.length)),
  };
}

async function oneRound(cluster: WorkerCluster, number: number, region: string): Promise<Window> {
  const stream = `publisher-${number}-${region}`;
  const publisher = await cluster.publish(stream, 'near', packetsPerSecond, payloadBytes);
  const stop = publisher.pace(packetsPerSecond);
  const joined: Receiver[] = [];
  for (let index = 0; index < receivers; index++) {
    joined.push(await cluster.subscribe(`r${index}-${stream}`, region, stream));
  }
  try {
    await Promise.all(joined.map(({ firstPacket }) => firstPacket));
    return await measure(cluster, publisher, joined.slice(0, watched));
  } finally {
    stop();
    for (const receiver of joined) receiver.close();
    publisher.close();
    for (const participant of [stream, ...joined.map((_, index) => `r${index}-${stream}`)]) {
      await cluster.room.execute({ type: 'leave', participant });
    }
  }
}

const row = (path: string, window: Window): Row => ({
  path,
  'packets out/s': window.packetsOut,
  'publisher’s worker us/packet': round(window.nearCpuUs),
  'other worker us/packet': round(window.farCpuUs),
  'loss %': round(window.lossPercent),
  'p50 ms': round(window.p50Ms),
  'p99 ms': round(window.p99Ms),
});

const cpuOf = ({ nearCpuUs, farCpuUs }: Window): number => nearCpuUs + farCpuUs;

export const link: Benchmark = {
  name: 'link',
  about: `one publisher to ${receivers} receivers over a link: CPU per packet and delay, against the same inside one worker`,
  async run() {
    const cluster = await startWorkerCluster([
      { id: 'near', region: 'near' },
      { id: 'far', region: 'far' },
    ]);
    const rows: Row[] = [];
    const inside: Window[] = [];
    const across: Window[] = [];
    try {
      for (let turn = 1; turn <= rounds; turn++) {
        progress(`round ${turn} of ${rounds}: inside one worker, then across a link`);
        const one = await oneRound(cluster, turn, 'near');
        const two = await oneRound(cluster, turn, 'far');
        inside.push(one);
        across.push(two);
        rows.push(row('inside', one), row('across', two));
      }
    } finally {
      await cluster.close();
    }
    console.log(table(rows));
    const of = (list: readonly Window[], value: (window: Window) => number): number =>
      median(list.map(value));
    const added = (value: (window: Window) => number): number => of(across, value) - of(inside, value);
    return {
      bench: 'link',
      ratio: round(of(across, cpuOf) / of(inside, cpuOf)),
      better: 'lower',
      baseline: `the same forward inside one worker: CPU of both workers per packet to ${receivers} receivers`,
      details: {
        cpuUsPerPacketInside: round(of(inside, cpuOf)),
        cpuUsPerPacketAcross: round(of(across, cpuOf)),
        // Of all that was spent more, a share for each packet that crossed.
        linkCpuUsPerCrossing: round(added(cpuOf) * receivers),
        addedP50Ms: round(added(({ p50Ms }) => p50Ms)),
        addedP99Ms: round(added(({ p99Ms }) => p99Ms)),
        lossPercent: round(Math.max(...across.map(({ lossPercent }) => lossPercent)), 3),
      },
    };
  },
};
