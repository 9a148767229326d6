// Owns running one TypeScript entry as a tool: `node deploy/run.mjs FILE.ts …args`. It bundles the file and becomes it as
// far as anybody outside can tell: same arguments, output, signals and exit code, in the repository's root. `--needs` names
// what of the set-up the tool cannot do without.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { rmSync } from 'node:fs';
import { constants } from 'node:os';
import { basename, join, relative, resolve } from 'node:path';
import { bundle } from './bundle.mjs';
import { setup } from './setup.mjs';

const root = join(import.meta.dirname, '..');
const known = ['codecs', 'redis', 'chromium', 'coturn'];
const words = process.argv.slice(2);
const needs = words[0] === '--needs' ? (words.splice(0, 2)[1] ?? '').split(',') : [];
const [file, ...args] = words;
if (!file || !needs.every((need) => known.includes(need))) {
  console.error(`usage: node deploy/run.mjs [--needs ${known.join(',')}] FILE.ts [arguments]`);
  process.exit(2);
}

// Who only asks how it is used waits for nothing.
const needed = args.includes('--help') ? [] : needs;
const what = Object.fromEntries(needed.map((need) => [need, true]));
if (!(await setup({ ...what, bundles: false }))) process.exit(1);

const entry = relative(root, resolve(file));
const name = `${basename(entry, '.ts')}-${createHash('sha256').update(entry).digest('hex').slice(0, 8)}-${process.pid}`;
const outfile = join(root, 'build/tools', `${name}.mjs`);
try {
  await bundle(entry, outfile);
} catch {
  process.exit(1);
}

const child = spawn(process.execPath, ['--enable-source-maps', outfile, ...args], {
  cwd: root,
  stdio: 'inherit',
});
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
child.on('error', (error) => {
  console.error(error.message);
  process.exit(127);
});
child.on('exit', (code, signal) => {
  rmSync(outfile, { force: true });
  process.exit(code ?? 128 + (constants.signals[signal] ?? 0));
});
