// Owns the join benchmark: from the first signaling byte to the first media packet, joins a second, memory of an idle
// participant; the whole server over its own protocol against Janus VideoRoom over its WebSocket API.
import { janusStage, sluiceStage, type Stage } from '../lib/contender.ts';
import { cpuMs, rssMib } from '../lib/proc.ts';
import { type Benchmark, median, percentile, progress, round, type Row, table } from '../lib/report.ts';

const sequential = 30;
const parallelJoins = 200;
const atOnce = 20;
const packetsPerSecond = 300;
const pauseMs = 500;

interface JoinResult {
  readonly firstPacketMs: readonly number[];
  readonly roundTrips: number;
  readonly joinsPerSecond: number;
  readonly cpuMsPerJoin: number;
  readonly kibPerParticipant: number;
}

const sum = (pids: readonly number[], of: (pid: number) => number): number =>
  pids.reduce((total, pid) => total + of(pid), 0);

async function measure(stage: Stage): Promise<JoinResult> {
  const publisher = await stage.publish(1000, packetsPerSecond);
  const stopPublishing = publisher.pace(packetsPerSecond);
  const open: { close(): void }[] = [];
  const firstPacketMs: number[] = [];
  let roundTrips = 0;
  for (let i = 0; i < sequential; i++) {
    const start = performance.now();
    const joined = await stage.join(true);
    await joined.receiver.firstPacket;
    firstPacketMs.push(performance.now() - start);
    roundTrips = joined.roundTrips;
    joined.close();
    // Both servers hold key frame requests back for a while after the last one: the next joiner is not to pay for this.
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
  }
  // Idle participants: joined and subscribed, but nothing is published while they come.
  stopPublishing();
  const memory = sum(stage.pids, rssMib);
  const cpu = sum(stage.pids, cpuMs);
  const start = performance.now();
  let begun = 0;
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      while (begun++ < parallelJoins) open.push(await stage.join(false));
    }),
  );
  const ms = performance.now() - start;
  const cpuUsed = sum(stage.pids, cpuMs) - cpu;
  const memoryUsed = sum(stage.pids, rssMib) - memory;
  for (const joined of open) joined.close();
  publisher.close();
  return {
    firstPacketMs: firstPacketMs.toSorted((a, b) => a - b),
    roundTrips,
    joinsPerSecond: (open.length * 1000) / ms,
    cpuMsPerJoin: cpuUsed / open.length,
    kibPerParticipant: (memoryUsed * 1024) / open.length,
  };
}

async function onStage(open: () => Promise<Stage>): Promise<JoinResult> {
  const stage = await open();
  try {
    return await measure(stage);
  } finally {
    await stage.stop();
  }
}

const row = (server: string, r: JoinResult): Row => ({
  server,
  'first packet p50 ms': round(percentile(r.firstPacketMs, 0.5), 0),
  'p99 ms': round(percentile(r.firstPacketMs, 0.99), 0),
  'round trips': r.roundTrips,
  'joins/s at 20': round(r.joinsPerSecond, 1),
  'CPU ms/join': round(r.cpuMsPerJoin),
  'KiB/participant': round(r.kibPerParticipant, 0),
});

export const join: Benchmark = {
  name: 'join',
  about:
    'join to first media packet, round trips, joins a second, memory per participant, against Janus VideoRoom',
  async run() {
    const rows: Row[] = [];
    const ours: JoinResult[] = [];
    const theirs: JoinResult[] = [];
    for (let turn = 1; turn <= 2; turn++) {
      for (const [name, open, list] of [
        ['sluice', sluiceStage, ours],
        ['janus', janusStage, theirs],
      ] as const) {
        progress(`round ${turn} of 2: ${name}`);
        const result = await onStage(open);
        rows.push(row(name, result));
        list.push(result);
      }
    }
    console.log(table(rows));
    const ratio = (of: (r: JoinResult) => number): number =>
      round(median(ours.map(of)) / median(theirs.map(of)));
    return {
      bench: 'join',
      ratio: ratio((r) => percentile(r.firstPacketMs, 0.5)),
      better: 'lower',
      baseline: 'Janus VideoRoom 1.1.2 over its WebSocket API, join to first packet p50',
      details: {
        joinsPerSecond: ratio((r) => r.joinsPerSecond),
        cpuPerJoin: ratio((r) => r.cpuMsPerJoin),
        memoryPerParticipant: ratio((r) => r.kibPerParticipant),
        roundTrips: [ours[0]?.roundTrips ?? Number.NaN, theirs[0]?.roundTrips ?? Number.NaN],
      },
    };
  },
};
