// Owns the forwarding benchmark: one publisher to 50 receivers, CPU per outgoing packet against Janus VideoRoom, the
// delay added at half load, and the ceiling of one worker process.
import { janusStage, sluiceStage, type Stage } from '../lib/contender.ts';
import { cpuMs } from '../lib/proc.ts';
import { type Benchmark, median, percentile, progress, round, type Row, table } from '../lib/report.ts';

const receivers = 50;
/** Receivers whose packets are counted: enough to see loss, few enough not to slow the load down. */
const watched = 2;
const payloadBytes = 1088;
const seconds = 5;
const rounds = 3;
const fullLoad = 40_000;

interface Window {
  readonly packetsOut: number;
  readonly lossPercent: number;
  readonly cpuUsPerPacket: number;
  readonly cpuPercent: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Runs the given loads one after the other on one stage with all receivers in place. */
async function windows(stage: Stage, loads: readonly number[]): Promise<Window[]> {
  const publisher = await stage.publish(payloadBytes, fullLoad / receivers);
  const idle = publisher.pace(100);
  const joined: Awaited<ReturnType<Stage['join']>>[] = [];
  for (let i = 0; i < receivers; i++) joined.push(await stage.join(i < watched));
  idle();
  const samples = joined.slice(0, watched).map(({ receiver }) => receiver);
  const results: Window[] = [];
  for (const packetsOut of loads) {
    const stop = publisher.pace(packetsOut / receivers);
    await sleep(1500);
    for (const sample of samples) sample.delaysUs = [];
    const cpu = cpuMs(stage.mediaPid);
    const sent = publisher.sent;
    const got = samples.map((sample) => sample.packets);
    const start = performance.now();
    await sleep(seconds * 1000);
    const ms = performance.now() - start;
    const cpuUsed = cpuMs(stage.mediaPid) - cpu;
    const sentNow = publisher.sent - sent;
    stop();
    // What was in flight when the window closed still counts as delivered.
    await sleep(300);
    const received = samples.reduce((sum, sample, i) => sum + sample.packets - (got[i] ?? 0), 0) / watched;
    const total = publisher.sent - sent;
    const delays = samples.flatMap((sample) => sample.delaysUs).toSorted((a, b) => a - b);
    const out = sentNow * receivers;
    results.push({
      packetsOut: Math.round((out / ms) * 1000),
      lossPercent: Math.max(0, 100 - (100 * received) / total),
      cpuUsPerPacket: (cpuUsed * 1000) / out,
      cpuPercent: (100 * cpuUsed) / ms,
      p50Ms: percentile(delays, 0.5) / 1000,
      p99Ms: percentile(delays, 0.99) / 1000,
    });
  }
  for (const one of joined) one.close();
  publisher.close();
  return results;
}

async function onStage(open: () => Promise<Stage>, loads: readonly number[]): Promise<Window[]> {
  const stage = await open();
  try {
    return await windows(stage, loads);
  } finally {
    await stage.stop();
  }
}

const row = (server: string, w: Window): Row => ({
  server,
  'packets out/s': w.packetsOut,
  'CPU us/packet': round(w.cpuUsPerPacket),
  'CPU %': round(w.cpuPercent, 0),
  'loss %': round(w.lossPercent, 3),
  'p50 ms': round(w.p50Ms),
  'p99 ms': round(w.p99Ms),
});

async function ceiling(rows: Row[]): Promise<number> {
  progress('ceiling of one Sluice worker');
  const steps = [60_000, 80_000, 100_000, 120_000, 140_000];
  let best = 0;
  for (const w of await onStage(sluiceStage, steps)) {
    rows.push(row('sluice, ceiling', w));
    if (w.lossPercent > 0.1 || w.p99Ms > 50) break;
    best = w.packetsOut;
  }
  return best;
}

export const forward: Benchmark = {
  name: 'forward',
  about: 'one publisher to 50 receivers: CPU per outgoing packet and delay, against Janus VideoRoom',
  async run() {
    const rows: Row[] = [];
    const ours: Window[] = [];
    const theirs: Window[] = [];
    let halfLoad: Window | undefined;
    for (let turn = 1; turn <= rounds; turn++) {
      for (const [name, open, list] of [
        ['sluice', sluiceStage, ours],
        ['janus', janusStage, theirs],
      ] as const) {
        progress(`round ${turn} of ${rounds}: ${name}, half load then full load`);
        const [half, full] = await onStage(open, [fullLoad / 2, fullLoad]);
        if (half === undefined || full === undefined) throw new Error('a window is missing');
        rows.push(row(name, half), row(name, full));
        list.push(full);
        if (name === 'sluice' && (halfLoad === undefined || half.p99Ms < halfLoad.p99Ms)) halfLoad = half;
      }
    }
    const most = await ceiling(rows);
    console.log(table(rows));
    const cpu = (list: readonly Window[]): number => median(list.map((w) => w.cpuUsPerPacket));
    return {
      bench: 'forward',
      ratio: round(cpu(ours) / cpu(theirs)),
      better: 'lower',
      baseline: 'Janus VideoRoom 1.1.2 (event_loops = 2), CPU per outgoing packet at 40,000 packets/s',
      goal: '<= 0.9',
      details: {
        rounds: ours.map((w, i) => round(w.cpuUsPerPacket / (theirs[i]?.cpuUsPerPacket ?? Number.NaN))),
        lossPercent: round(Math.max(...ours.map((w) => w.lossPercent)), 3),
        halfLoadP99Ms: round(halfLoad?.p99Ms ?? Number.NaN),
        ceilingPacketsPerSecond: most,
      },
    };
  },
};
