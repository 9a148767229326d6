// Owns how an edge is started on Deno: which program, and no more rights than its configuration needs. Never among them:
// starting programs, native code, and files other than those named here.
import { accessSync, constants, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { arch, platform } from 'node:os';
import { delimiter, dirname, join, resolve } from 'node:path';
import type { Settings } from '../settings/settings.ts';

/** What npm puts on the PATH: its `deno` is a script that starts Deno and passes no signal on. */
const scripts = /node_modules[\\/]\.bin[\\/]?$/;

/** The Deno on the PATH, else the one that came as a package; undefined without either. */
export function findDeno(path: string = process.env.PATH ?? ''): string | undefined {
  const folders = path.split(delimiter).filter((folder) => !scripts.test(folder));
  const onPath = folders.map((folder) => join(folder, 'deno'));
  return [...onPath, ...packaged()].find(isProgram);
}

/**
 * The arguments of Deno before `program`, which is the bundle (build/server/edge-node.js); `config` is the file that the edge
 * is told to read. Paths are relative to the working directory.
 */
export function denoFlags(
  { data_dir, https }: Pick<Settings, 'data_dir' | 'https'>,
  { program, config = 'sluice.toml' }: { readonly program: string; readonly config?: string },
): string[] {
  // The certificate that an edge signs itself is all it writes.
  const made = https.enabled && https.cert === undefined ? [data_dir] : [];
  const given = https.enabled ? [https.cert, https.key].filter((file) => file !== undefined) : [];
  const read = [dirname(dirname(program)), config, ...given, ...made];
  return [
    'run',
    '--no-prompt',
    '--cached-only',
    '--allow-net',
    // Socket.IO and others look through all of the environment.
    '--allow-env',
    '--allow-sys=hostname,networkInterfaces',
    `--allow-read=${list(read)}`,
    ...(made.length > 0 ? [`--allow-write=${list(made)}`] : []),
  ];
}

/** Deno splits at commas, and takes two for one. */
function list(paths: readonly string[]): string {
  return paths.map((path) => resolve(path).replaceAll(',', ',,')).join(',');
}

/** The program inside the package. */
function packaged(): string[] {
  const name = `@deno/${platform()}-${arch()}${platform() === 'linux' ? '-glibc' : ''}`;
  try {
    return [join(dirname(createRequire(import.meta.url).resolve(`${name}/package.json`)), 'deno')];
  } catch {
    return [];
  }
}

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}
