// Owns how set-up, checks and tests show their progress: one line when a step ends, its output only when it
// failed. Plain Node without dependencies, since it runs before `npm ci`.
import { spawn } from 'node:child_process';

/** Prints one line that says how a step ended; `work` resolves with `{ ok, output }`, or throws. Resolves with `ok`. */
export async function step(name, work) {
  const began = Date.now();
  let result;
  const still = setInterval(() => {
    console.log(`  …    ${name} (${seconds(began)} so far)`);
  }, 15_000);
  try {
    result = await work();
  } catch (error) {
    result = { ok: false, output: error instanceof Error ? error.message : String(error) };
  } finally {
    clearInterval(still);
  }
  console.log(
    `  ${result.ok ? 'ok  ' : 'FAIL'} ${name} (${seconds(began)}${result.note ? `, ${result.note}` : ''})`,
  );
  if (!result.ok && result.output) console.log(indent(result.output.slice(-20_000)));
  return result.ok;
}

/**
 * Runs a program with its output kept (`quiet`, the default) or shown. Resolves with `{ ok, output, code }`, and never
 * rejects: a program that cannot be started is one that failed.
 */
export function run(command, args, { quiet = true, env = {}, timeoutMs } = {}) {
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      stdio: quiet ? ['ignore', 'pipe', 'pipe'] : ['ignore', 'inherit', 'inherit'],
      env: { ...process.env, ...env },
    });
    let output = '';
    const keep = (chunk) => {
      output = (output + chunk).slice(-200_000);
    };
    child.stdout?.setEncoding('utf8').on('data', keep);
    child.stderr?.setEncoding('utf8').on('data', keep);
    const timer =
      timeoutMs &&
      setTimeout(() => {
        keep(`\nstopped after ${timeoutMs} ms\n`);
        child.kill('SIGTERM');
      }, timeoutMs);
    const settle = (ok, code) => {
      clearTimeout(timer);
      resolve({ ok, output, code });
    };
    child.on('error', (error) => {
      keep(error.message);
      settle(false, 127);
    });
    child.on('close', (code) => {
      settle(code === 0, code ?? 1);
    });
  });
}

const seconds = (began) => `${((Date.now() - began) / 1000).toFixed(1)} s`;
const indent = (text) => text.trimEnd().replace(/^/gm, '       ');
