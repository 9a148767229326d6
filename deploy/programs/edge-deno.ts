// Owns `npm run edge:deno`: the edge of `npm run edge` in a process of Deno, which hears the signals and ends the command
// with its exit code. `--print` shows the command instead, for whoever starts it without Node.
import { execFileSync, fork } from 'node:child_process';
import { constants } from 'node:os';
import { join } from 'node:path';
import { denoFlags, findDeno } from './deno-command.ts';
import { readOptions } from '../settings/read-options.ts';
import { loadSettings, SettingsError } from '../settings/settings.ts';

/** The oldest Deno that this was tested with. */
const oldest = [2, 9] as const;

function main(): void {
  const { config, print } = readOptions({ config: { type: 'string' }, print: { type: 'boolean' } });
  const settings = loadSettings(config);
  const named = config === undefined ? {} : { config };
  const program = join(import.meta.dirname, 'edge-node.js');
  const flags = denoFlags(settings, { program, ...named });
  const args = config === undefined ? [] : ['--config', config];
  if (print === true) {
    console.log(['deno', ...flags, program, ...args].map(quoted).join(' '));
    return;
  }
  const deno = findDeno();
  if (deno === undefined) throw new SettingsError('there is no deno on the PATH: https://deno.com');
  refuseOld(deno);
  const child = fork(program, args, {
    execPath: deno,
    execArgv: flags,
    env: { ...process.env, DENO_NO_UPDATE_CHECK: '1' },
  });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => child.kill(signal));
  child.on('message', (message) => {
    if (process.connected) process.send?.(message);
  });
  child.on('error', (error) => {
    console.error(`${deno} cannot be started: ${error.message}`);
    process.exit(127);
  });
  child.on('exit', (code, signal) => {
    process.exit(code ?? 128 + (signal === null ? 0 : constants.signals[signal]));
  });
}

function refuseOld(deno: string): void {
  const [, version = ''] = /^deno (\S+)/.exec(execFileSync(deno, ['--version'], { encoding: 'utf8' })) ?? [];
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (major > oldest[0] || (major === oldest[0] && minor >= oldest[1])) return;
  throw new SettingsError(`${deno} is Deno ${version}; an edge needs ${oldest.join('.')} or newer`);
}

/** As a shell takes it. */
function quoted(word: string): string {
  return /^[\w./:=,@-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

try {
  main();
} catch (error) {
  console.error(error instanceof SettingsError ? `Configuration: ${error.message}` : error);
  process.exit(1);
}
