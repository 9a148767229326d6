// Owns how builds run programs and tell how far they are: that of the codecs, of the addon (native/build), of the simulated
// GPU (test/gpu). Plain Node without dependencies, like all of build/.
import { spawn } from 'node:child_process';
import { availableParallelism } from 'node:os';

/** Compilers that run at once: the machine's cores, or `SLUICE_BUILD_JOBS`. */
export const jobs = Number(process.env.SLUICE_BUILD_JOBS) || availableParallelism();

/** Runs a program with `input` to read; resolves with what it printed, rejects with its last words when it fails. */
export function run(command, args, { cwd, env = {}, input = '' } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd,
      env: { ...process.env, ...env },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    let output = '';
    const keep = (chunk) => {
      output = (output + chunk).slice(-2_000_000);
    };
    child.stdout.setEncoding('utf8').on('data', keep);
    child.stderr.setEncoding('utf8').on('data', keep);
    child.on('error', (error) => reject(new Error(`${command} could not be started: ${error.message}`)));
    child.on('close', (code) => {
      if (code === 0) resolve(output);
      else reject(new Error(`${[command, ...args].join(' ')}\n${output.slice(-8000)}\nended with ${code}`));
    });
    // It may end without reading.
    child.stdin.on('error', () => {});
    child.stdin.end(input);
  });
}

/** Runs `work` under a name: a line when it ends, and one every 10 s while it lasts. `work` may report `done` of `of`. */
export async function step(name, work) {
  const began = Date.now();
  const seconds = () => `${((Date.now() - began) / 1000).toFixed(1)} s`;
  let progress = '';
  const still = setInterval(() => console.log(`  …    ${name} (${seconds()} so far${progress})`), 10_000);
  try {
    const result = await work((done, of) => {
      progress = `, ${done} of ${of}`;
    });
    console.log(`  ok   ${name} (${seconds()})`);
    return result;
  } catch (error) {
    console.log(`  FAIL ${name} (${seconds()})`);
    throw error;
  } finally {
    clearInterval(still);
  }
}

/** Runs `work` for every item, at most `jobs` at a time; the first failure stops what has not begun. */
export async function inParallel(items, work, report = () => {}) {
  const waiting = [...items].reverse();
  let done = 0;
  const lane = async () => {
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
      try {
        await work(next);
      } catch (error) {
        waiting.length = 0;
        throw error;
      }
      report(++done, items.length);
    }
  };
  await Promise.all(Array.from({ length: jobs }, lane));
}
