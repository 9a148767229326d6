// Owns `npm run test:deno [-- FILES]`: the unit tests of the edge as they are, run by Deno instead of Node; all of them, or
// those that are named as for vitest.
import { spawn } from 'node:child_process';
import { findDeno } from '../../deploy/programs/deno-command.ts';

const deno = findDeno();
if (deno === undefined) {
  console.error('There is no deno: npm ci brings one for Linux, macOS and Windows on x64 and arm64.');
  process.exit(1);
}
const given = process.argv.slice(2);
const files = given.some((argument) => !argument.startsWith('-')) ? given : ['edge/', ...given];
// A test may do whatever it likes; what an edge may do is in deploy/programs/deno-command.ts.
const child = spawn(deno, ['run', '--allow-all', 'node_modules/vitest/vitest.mjs', 'run', ...files], {
  stdio: 'inherit',
  env: { ...process.env, DENO_NO_UPDATE_CHECK: '1' },
});
child.on('exit', (code) => {
  process.exitCode = code ?? 1;
});
