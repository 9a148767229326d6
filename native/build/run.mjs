// Owns how this build runs compilers. Plain Node without dependencies, like all of build/.
import { spawn } from 'node:child_process';
import { availableParallelism } from 'node:os';

/** Compilers that run at once: the machine's cores, or `SLUICE_BUILD_JOBS`. */
export const jobs = Number(process.env.SLUICE_BUILD_JOBS) || availableParallelism();

/** Runs a program; resolves with what it printed, rejects with its last words when it fails. */
export function run(command, args, { cwd, input = '' } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd, stdio: ['pipe', 'pipe', 'pipe'] });
    let output = '';
    const keep = (chunk) => {
      output = (output + chunk).slice(-200_000);
    };
    child.stdout.setEncoding('utf8').on('data', keep);
    child.stderr.setEncoding('utf8').on('data', keep);
    child.on('error', (error) => reject(new Error(`${command} could not be started: ${error.message}`)));
    child.on('close', (code) => {
      if (code === 0) resolve(output);
      else reject(new Error(`${[command, ...args].join(' ')}\n${output.slice(-8000)}\nended with ${code}`));
    });
    child.stdin.on('error', () => {});
    child.stdin.end(input);
  });
}

/** Runs `work` for every item, at most `jobs` at a time; the first failure stops what has not begun. */
export async function inParallel(items, work) {
  const waiting = [...items].reverse();
  const lane = async () => {
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
      try {
        await work(next);
      } catch (error) {
        waiting.length = 0;
        throw error;
      }
    }
  };
  await Promise.all(Array.from({ length: jobs }, lane));
}
