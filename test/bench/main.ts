// Owns the `npm run bench` command: lists the benchmarks, runs one, prints its table and its line of JSON.
import { audio } from './audio/audio.ts';
import { cluster } from './cluster/cluster.ts';
import { codecs } from './codecs/codecs.ts';
import { deno } from './deno/deno.ts';
import { engines } from './engines/engines.ts';
import { forward } from './forward/forward.ts';
import { join } from './join/join.ts';
import { link } from './link/link.ts';
import type { Benchmark } from './lib/report.ts';
import { roomLog } from './room-log/room-log.ts';
import { rooms720 } from './rooms/rooms.ts';
import { scheduler } from './scheduler/scheduler.ts';
import { signaling } from './signaling/signaling.ts';
import { taps } from './taps/taps.ts';
import { tokens } from './tokens/tokens.ts';
import { watch } from './watch/watch.ts';

const benchmarks: readonly Benchmark[] = [
  audio,
  cluster,
  codecs,
  deno,
  engines,
  forward,
  join,
  link,
  roomLog,
  rooms720,
  scheduler,
  signaling,
  taps,
  tokens,
  watch,
];

const [name] = process.argv.slice(2);
if (name === undefined || name === '--help') {
  for (const bench of benchmarks) console.log(`${bench.name.padEnd(12)}${bench.about}`);
  console.log('\nRun one:  npm run bench -- NAME');
} else {
  const bench = benchmarks.find((candidate) => candidate.name === name);
  if (bench === undefined) {
    console.error(`There is no benchmark ${name}; npm run bench lists them.`);
    process.exit(2);
  }
  try {
    console.log(JSON.stringify(await bench.run()));
    process.exit(0);
  } catch (error) {
    console.error(error);
    process.exit(1);
  }
}
