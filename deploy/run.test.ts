// Owns the tests of running a tool: what it needs is there before it begins, and it is what was asked for.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const root = join(import.meta.dirname, '..');

/** A machine on which nothing can be found or installed. */
const nothing = { ...process.env, PATH: '/nonexistent' };

function run(...args: readonly string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['deploy/run.mjs', ...args], {
    cwd: root,
    env: nothing,
    encoding: 'utf8',
  });
  return { status, stdout, stderr };
}

it.each([
  ['no file', []],
  ['a need without a file', ['--needs', 'redis']],
  ['a need that nobody can meet', ['--needs', 'redis,luck', 'test/chaos/main.ts']],
])('says how it is used: %s', (_what, args) => {
  expect(run(...args)).toMatchObject({ status: 2, stderr: expect.stringContaining('usage:') as string });
});

it('a tool does not begin without what it needs', () => {
  const { status, stdout, stderr } = run('--needs', 'redis', 'test/chaos/main.ts');
  expect(stderr).toContain('The tests need redis-server');
  expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
});

it.each([
  ['--help', 0, 'stdout'],
  ['--nonsense', 2, 'stderr'],
] as const)('a tool is told %s and says how it is used', (option, status, stream) => {
  const ended = run('test/chaos/main.ts', option);
  expect(ended[stream]).toContain('npm run chaos -- [OPTION …]');
  expect(ended.status).toBe(status);
});

it('who asks for help needs nothing', () => {
  expect(run('--needs', 'redis', 'test/chaos/main.ts', '--help').status).toBe(0);
});
