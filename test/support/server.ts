// Owns a running standalone server for tests: the built program as a child process on loopback, free ports and a data
// folder of its own. Not the clients that talk to it.
import { type ChildProcess, execFile, fork } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import type { ParentMessage } from '../../deploy/process/parent-message.ts';

export interface SluiceOptions {
  /** Listens on HTTPS too, with a certificate signed by itself. */
  readonly https?: boolean;
  /** A data folder to use and leave behind; a fresh one, removed at `stop`, when absent. */
  readonly dataDir?: string;
  /** Further lines of configuration (TOML), after the ones made here; tables must not repeat. */
  readonly config?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Options of the server's `node`, such as `--expose-gc`. */
  readonly nodeOptions?: readonly string[];
}

export interface RunningSluice {
  readonly url: string;
  readonly httpsUrl?: string;
  /** Process id of the edge. */
  readonly pid: number;
  readonly sample: { readonly id: string; readonly key: string; readonly room: string };
  readonly super: { readonly id: string; readonly key: string };
  /** Process id of the media worker now; throws while there is none. */
  workerPid(): number;
  /** Kills the media worker; resolves with the process id of the next one, once that is up. */
  killWorker(signal?: NodeJS.Signals): Promise<number>;
  /** Resolves with the exit code once the server has ended, asked or not. */
  readonly ended: Promise<number>;
  /** What the server printed so far, at most the last 200 kB. */
  output(): string;
  /** Resolves with the exit code (negative: killed because it did not stop by itself in 5 s). */
  stop(): Promise<number>;
}

const root = resolve(import.meta.dirname, '../..');
const startTimeoutMs = 20_000;
const stopTimeoutMs = 5_000;
let built: Promise<unknown> | undefined;

/** Builds if need be, starts a server and resolves once it listens. Rejects with its output when it does not. */
export async function startSluice(options: SluiceOptions = {}): Promise<RunningSluice> {
  built ??= promisify(execFile)(process.execPath, [join(root, 'deploy/build.mjs')]);
  await built;
  const folder = await mkdtemp(join(tmpdir(), 'sluice-test-'));
  const config = join(folder, 'sluice.toml');
  await writeFile(config, configText(options.dataDir ?? join(folder, 'data'), options));
  const child = fork(join(root, 'build/server/standalone.js'), ['--config', config], {
    cwd: root,
    env: { ...process.env, ...options.env },
    execArgv: ['--enable-source-maps', ...(options.nodeOptions ?? [])],
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  const ended = new Promise<number>((resolve) => child.once('exit', (code) => resolve(code ?? -1)));
  let output = '';
  const keep = (chunk: string): void => {
    output = (output + chunk).slice(-200_000);
  };
  child.stdout?.setEncoding('utf8').on('data', keep);
  child.stderr?.setEncoding('utf8').on('data', keep);

  let workerPid: number | undefined;
  const nextWorker = new Set<(pid: number) => void>();
  child.on('message', (message: ParentMessage) => {
    if (message.type !== 'worker') return;
    workerPid = message.pid;
    if (message.pid === undefined) return;
    for (const tell of nextWorker) tell(message.pid);
    nextWorker.clear();
  });

  const stop = async (): Promise<number> => {
    const code = await end(child, ended);
    await rm(folder, { recursive: true, force: true });
    return code;
  };
  try {
    const ready = await readyMessage(child);
    return {
      url: ready.url,
      ...(ready.httpsUrl === undefined ? {} : { httpsUrl: ready.httpsUrl }),
      pid: child.pid ?? -1,
      sample: ready.sample,
      super: ready.super,
      workerPid: () => {
        if (workerPid === undefined) throw new Error('no worker is running');
        return workerPid;
      },
      killWorker: (signal = 'SIGKILL') => {
        const next = new Promise<number>((tell) => nextWorker.add(tell));
        if (workerPid !== undefined) process.kill(workerPid, signal);
        return next;
      },
      ended,
      output: () => output,
      stop,
    };
  } catch (error) {
    await stop();
    throw new Error(`the server did not start\n${output}`, { cause: error });
  }
}

function configText(dataDir: string, options: SluiceOptions): string {
  return [
    `data_dir = ${JSON.stringify(dataDir)}`,
    '[http]\nhost = "127.0.0.1"\nport = 0',
    `[https]\nenabled = ${options.https === true}\nhost = "127.0.0.1"\nport = 0`,
    ...(options.config?.includes('[webrtc]') ? [] : ['[webrtc]\nudp_port = 0\nhost = "127.0.0.1"']),
    options.config ?? '',
  ].join('\n');
}

function readyMessage(child: ChildProcess): Promise<Extract<ParentMessage, { type: 'ready' }>> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      reject(new Error(`not ready after ${startTimeoutMs} ms`));
    }, startTimeoutMs);
    child.on('message', (message: ParentMessage) => {
      if (message.type !== 'ready') return;
      clearTimeout(timer);
      resolve(message);
    });
    child.once('error', reject);
    child.once('exit', (code, signal) => {
      clearTimeout(timer);
      reject(new Error(`ended with ${code ?? signal ?? 'nothing'}`));
    });
  });
}

async function end(child: ChildProcess, ended: Promise<number>): Promise<number> {
  const timer = setTimeout(() => child.kill('SIGKILL'), stopTimeoutMs);
  child.kill('SIGTERM');
  const code = await ended;
  clearTimeout(timer);
  return code;
}
