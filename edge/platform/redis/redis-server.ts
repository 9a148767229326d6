// Owns a Redis of our own, for demonstrations and tests: the machine's redis-server on loopback, with nothing kept.
import { type ChildProcess, spawn } from 'node:child_process';
import { freePort } from '../node/free-port.ts';

export interface RedisServerOptions {
  /** What it writes after all goes there. */
  readonly folder: string;
  /** Absent: any free one. */
  readonly port?: number;
  /** More of its arguments. */
  readonly args?: readonly string[];
  /** Ctrl-C in a terminal is not for it: others still need it then. */
  readonly apart?: boolean;
}

export interface RedisServer {
  readonly port: number;
  readonly process: ChildProcess;
  /** Resolves when it has ended, for whatever reason. */
  readonly ended: Promise<unknown>;
  /** Ends it with that signal and resolves when it is gone. */
  end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void>;
}

const attempts = 5;

class PortTaken extends Error {}

/** Resolves when it takes connections. Rejects with an Error that says what to install, or with its last words. */
export async function startRedisServer(options: RedisServerOptions): Promise<RedisServer> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await tryStart(options, options.port ?? (await freePort()));
    } catch (error) {
      // Somebody may have taken the port meanwhile.
      if (attempt === attempts || !(error instanceof PortTaken)) throw error;
    }
  }
}

async function tryStart(
  { folder, args = [], apart = false }: RedisServerOptions,
  port: number,
): Promise<RedisServer> {
  const memoryOnly = ['--bind', '127.0.0.1', '--save', '', '--appendonly', 'no', '--dir', folder];
  const child = spawn('redis-server', ['--port', `${port}`, ...memoryOnly, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
    detached: apart,
  });
  const kill = () => child.kill('SIGKILL');
  process.once('exit', kill);
  const ended = new Promise<void>((resolve) => {
    child.once('close', () => {
      process.off('exit', kill);
      resolve();
    });
  });
  await new Promise<void>((resolve, reject) => {
    let said = '';
    child.once('error', () => {
      reject(new Error('redis-server is missing. On Debian and Ubuntu: sudo apt-get install redis-server'));
    });
    child.once('close', () => {
      const isTaken = said.includes('Address already in use');
      reject(new (isTaken ? PortTaken : Error)(`redis-server ended: ${said.trim()}`));
    });
    child.stdout.on('data', (bytes: Buffer) => {
      said = (said + bytes.toString()).slice(-4000);
      if (said.includes('Ready to accept connections')) resolve();
    });
  });
  return {
    port,
    process: child,
    ended,
    async end(signal) {
      child.kill(signal);
      await ended;
    },
  };
}
