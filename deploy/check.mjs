// Owns `npm run check`: every check that needs no running code. Not the set-up (setup.mjs) and not the tests (test.mjs).
import { run, step } from './progress.mjs';

const checks = [
  ['formatting', 'prettier', ['--check', '--log-level', 'warn', '.']],
  [
    'types',
    'tsc',
    [
      '-p',
      'tsconfig.json',
      '--incremental',
      '--tsBuildInfoFile',
      'build/cache/tsc.json',
      '--pretty',
      'false',
    ],
  ],
  [
    'types (browser)',
    'tsc',
    [
      '-p',
      'tsconfig.browser.json',
      '--incremental',
      '--tsBuildInfoFile',
      'build/cache/tsc-browser.json',
      '--pretty',
      'false',
    ],
  ],
  [
    'imports',
    'depcruise',
    ['--config', '.dependency-cruiser.cjs', 'schemas', 'edge', 'workers', 'wasm', 'native', 'deploy', 'test'],
  ],
  ['lint', 'eslint', ['--max-warnings', '0', '.']],
];

/**
 * Runs every check, two at a time, and resolves with the names of those that passed and failed. While `others` goes on,
 * which has deadlines, it is one at a time, with what that leaves of the processors.
 */
export async function check(others) {
  const start = (tool, args) =>
    others === undefined ? run(tool, args) : run('nice', ['-n', '19', tool, ...args]);
  const failed = [];
  const passed = [];
  const waiting = [...checks].reverse();
  const lane = async () => {
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      const [name, tool, args] = next;
      const ok = await step(`check: ${name}`, () => start(`node_modules/.bin/${tool}`, args));
      (ok ? passed : failed).push(name);
    }
  };
  await Promise.all([lane(), Promise.resolve(others).then(lane)]);
  return { passed, failed };
}

if (process.argv[1] === import.meta.filename) {
  const { failed } = await check();
  console.log(failed.length === 0 ? 'check: all good' : `check: failed: ${failed.join(', ')}`);
  process.exitCode = failed.length === 0 ? 0 : 1;
}
