// Owns `npm run fuzz`: runs every target in turn for some seconds in all and says how to repeat what failed. What is fed to
// the code is the targets' own.
import { Worker } from 'node:worker_threads';
import { readOptions } from '../support/read-options.ts';
import { seeded } from './seeded.ts';
import { targets } from './targets.ts';

const iterationsARound = 200;
const hangAfterSeconds = 30;

const usage = `npm run fuzz -- [OPTION …]

Feeds hostile input to every target, and says how to repeat what failed.

  --seconds N   for so long in all; 10
  --rounds N    or so often each, whichever comes first
  --seed S      repeats that run; by default another one each time
  --only NAME   one of ${targets.map(({ name }) => name).join(', ')}`;

const values = readOptions(usage, {
  seconds: { type: 'string', default: '10' },
  rounds: { type: 'string', default: 'Infinity' },
  seed: { type: 'string' },
  only: { type: 'string' },
});
const seed = Number(values.seed ?? Math.floor(Math.random() * 2 ** 32)) >>> 0;
const chosen = targets.filter(({ name }) => values.only === undefined || name === values.only);
if (chosen.length === 0) {
  console.error(
    `no such target: ${values.only ?? '(none)'}; there are: ${targets.map((t) => t.name).join(', ')}`,
  );
  process.exit(2);
}

let current = { name: '', seed };
const repeat = (name: string, roundSeed: number): string =>
  `FAILED ${name}; repeat with: npm run fuzz -- --only ${name} --seed ${roundSeed} --rounds 1`;

function fail(error: unknown): never {
  console.error(repeat(current.name, current.seed));
  console.error(error);
  process.exit(1);
}
process.on('uncaughtException', fail);
process.on('unhandledRejection', fail);

// A target that never returns blocks this thread: another one watches it.
const progress = new Int32Array(new SharedArrayBuffer(12));
const watchdog = new Worker(
  `const { workerData: { progress, names, seconds } } = require('node:worker_threads');
   let seen = -1;
   setInterval(() => {
     if (progress[0] === seen) {
       const name = names[progress[1]];
       console.error('FAILED ' + name + ' hangs; repeat with: npm run fuzz -- --only ' + name + ' --seed ' + (progress[2] >>> 0) + ' --rounds 1');
       process.kill(process.pid, 'SIGKILL');
     }
     seen = progress[0];
   }, seconds * 1000);`,
  { eval: true, workerData: { progress, names: chosen.map(({ name }) => name), seconds: hangAfterSeconds } },
);
watchdog.unref();

console.log(`seed ${seed}, targets: ${chosen.map(({ name }) => name).join(', ')}`);
const endAt = Date.now() + Number(values.seconds) * 1000;
const iterations = new Map<string, number>(chosen.map(({ name }) => [name, 0]));
for (let round = 0; round < Number(values.rounds) && (round === 0 || Date.now() < endAt); round++) {
  for (const [index, target] of chosen.entries()) {
    current = { name: target.name, seed: (seed + round) >>> 0 };
    progress[1] = index;
    progress[2] = current.seed;
    progress[0] = (progress[0] ?? 0) + 1;
    try {
      await target.run(seeded(current.seed), iterationsARound);
    } catch (error) {
      fail(error);
    }
    iterations.set(target.name, (iterations.get(target.name) ?? 0) + iterationsARound);
  }
}
for (const [name, count] of iterations) console.log(`${name.padEnd(16)} ${count} iterations`);
console.log(`${chosen.length} passed, 0 failed`);
process.exit(0);
