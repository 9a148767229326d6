// Owns the room log benchmark: events a second that one room takes from 1, 4 and 8 edges at saturation, with the proof that
// each is in the log once, in order, and at every edge. Baseline: what Redis and ioredis take when nothing is decided.
import { latencyAt } from '../../support/room-crowd/latencies.ts';
import { RoomCrowd } from '../../support/room-crowd/room-crowd.ts';
import { cpuMs } from '../lib/proc.ts';
import { type Benchmark, median, progress, round, type Row, table } from '../lib/report.ts';

const participants = 128;
/** Edges live for weeks. On two cores it takes nine processes so long until V8 has compiled what they do all the time. */
const warmUpSeconds = 20;
const seconds = 5;
const rounds = 2;
const keepEntries = 90_000;
const plainProgram = 'test/bench/room-log/plain-program.ts';

const contenders = [
  { what: 'sluice', edges: 1 },
  { what: 'sluice', edges: 4 },
  { what: 'sluice', edges: 8 },
  { what: 'nothing decided', edges: 8 },
] as const;

interface Rate {
  readonly perSecond: number;
  /** Of all edges and Redis together, an event. */
  readonly cpuMicroseconds: number;
  readonly redisMicroseconds: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

async function measure({ what, edges }: (typeof contenders)[number]): Promise<Rate> {
  const isPlain = what !== 'sluice';
  const crowd = await RoomCrowd.start({
    edges,
    participants,
    keepEntries,
    ...(isPlain && { program: plainProgram }),
  });
  try {
    await crowd.talk(warmUpSeconds);
    const redis = crowd.redis.process.pid ?? 0;
    const before = cpuMs(redis);
    const talks = await crowd.talk(seconds);
    const redisMs = cpuMs(redis) - before;
    const { wrong } = isPlain ? { wrong: [] } : await crowd.proof();
    if (wrong.length > 0) throw new Error(`the proof failed:\n${wrong.join('\n')}`);
    const events = talks.reduce((total, { ackedInTime }) => total + ackedInTime, 0);
    const edgesMs = talks.reduce((total, talk) => total + talk.cpuMs, 0);
    const latencies = talks.map((talk) => talk.latencies);
    return {
      perSecond: events / seconds,
      cpuMicroseconds: ((edgesMs + redisMs) * 1000) / events,
      redisMicroseconds: (redisMs * 1000) / events,
      p50Ms: latencyAt(latencies, 0.5),
      p99Ms: latencyAt(latencies, 0.99),
    };
  } finally {
    await crowd.stop();
  }
}

export const roomLog: Benchmark = {
  name: 'room-log',
  about:
    'events a second in one room from 1, 4, 8 edges at saturation, proved, against Redis without deciding',
  async run() {
    const results = contenders.map((contender) => ({ contender, rates: [] as Rate[] }));
    for (let turn = 1; turn <= rounds; turn += 1) {
      for (const { contender, rates } of results) {
        progress(`round ${turn} of ${rounds}: ${contender.edges} edges, ${contender.what}`);
        rates.push(await measure(contender));
      }
    }
    const middle = results.map(({ contender, rates }) => {
      const of = (pick: (rate: Rate) => number) => median(rates.map(pick));
      return { ...contender, perSecond: of((rate) => rate.perSecond), of };
    });
    console.log(
      table(
        middle.map(({ what, edges, of }): Row => ({
          who: what,
          edges,
          'events/s': round(
            of((rate) => rate.perSecond),
            0,
          ),
          'CPU µs/event': round(
            of((rate) => rate.cpuMicroseconds),
            1,
          ),
          'of it Redis': round(
            of((rate) => rate.redisMicroseconds),
            1,
          ),
          'ack p50 ms': round(of((rate) => rate.p50Ms)),
          'ack p99 ms': round(of((rate) => rate.p99Ms)),
        })),
      ),
    );
    const perSecond = (what: string, edges: number): number =>
      middle.find((each) => each.what === what && each.edges === edges)?.perSecond ?? Number.NaN;
    return {
      bench: 'room-log',
      ratio: round(perSecond('sluice', 8) / perSecond('nothing decided', 8)),
      better: 'higher',
      baseline:
        'one script, stream entry and publication a text from 8 processes, nothing decided, events a second',
      goal: '>= 60,000 events/s from 8 edges in one room',
      details: {
        eventsPerSecond: {
          1: round(perSecond('sluice', 1), 0),
          4: round(perSecond('sluice', 4), 0),
          8: round(perSecond('sluice', 8), 0),
        },
        participants,
      },
    };
  },
};
