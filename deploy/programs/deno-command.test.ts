// Owns the proof that Deno gets the rights an edge needs, and that the one on the PATH is taken first.
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { denoFlags, findDeno } from './deno-command.ts';
import { readSettings } from '../settings/settings.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sluice-deno-'));
});
afterEach(() => rm(folder, { recursive: true }));

const program = '/srv/build/server/edge-node.js';
const rights = (toml: string, config?: string) =>
  denoFlags(readSettings(toml, {}), { program, ...(config !== undefined && { config }) }).filter((argument) =>
    /^--allow-(read|write|run|ffi|all)/.test(argument),
  );

it.each([
  [
    'makes its certificate',
    'data_dir = "/var/lib/sluice"',
    ['--allow-read=/srv/build,/etc/sluice.toml,/var/lib/sluice', '--allow-write=/var/lib/sluice'],
  ],
  [
    'is given a certificate',
    '[https]\ncert = "/etc/tls/a,b.crt"\nkey = "/etc/tls/ab.key"',
    ['--allow-read=/srv/build,/etc/sluice.toml,/etc/tls/a,,b.crt,/etc/tls/ab.key'],
  ],
  ['needs no certificate', '[https]\nenabled = false', ['--allow-read=/srv/build,/etc/sluice.toml']],
])('an edge that %s reads and writes that and nothing else', (_, toml, expected) => {
  expect(rights(toml, '/etc/sluice.toml')).toEqual(expected);
});

it('takes relative paths for those of the working directory, and reads sluice.toml there', () => {
  const [read, write] = rights('');
  expect(read).toBe(`--allow-read=/srv/build,${process.cwd()}/sluice.toml,${process.cwd()}/data`);
  expect(write).toBe(`--allow-write=${process.cwd()}/data`);
});

it('does not take the script of the package, which npm puts on the PATH', () => {
  const scripts = join(import.meta.dirname, '../../node_modules/.bin');
  expect(findDeno(scripts)).toMatch(/@deno\/[^/]+\/deno$/);
});

it('prefers the Deno on the PATH to that of the package', async () => {
  const deno = join(folder, 'deno');
  await writeFile(deno, '');
  const path = ['/nowhere', folder].join(delimiter);
  expect(findDeno(path)).toMatch(/@deno\/[^/]+\/deno$/);
  await chmod(deno, 0o755);
  expect(findDeno(path)).toBe(deno);
});
