// Owns the Redis of a demonstration: the machine's redis-server, for as long as the demonstration runs, with nothing kept.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';

export interface OwnRedis {
  readonly port: number;
  /** Resolves when it has ended, for whatever reason. */
  readonly ended: Promise<unknown>;
  close(): Promise<void>;
}

const attempts = 5;

/** Rejects with an Error that says what to install. */
export async function startOwnRedis(folder: string): Promise<OwnRedis> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await tryStart(folder, await freePort());
    } catch (error) {
      // Somebody may have taken the port meanwhile.
      if (attempt === attempts || !(error instanceof PortTaken)) throw error;
    }
  }
}

class PortTaken extends Error {}

async function tryStart(folder: string, port: number): Promise<OwnRedis> {
  const args = [
    '--port',
    `${port}`,
    '--bind',
    '127.0.0.1',
    '--save',
    '',
    '--appendonly',
    'no',
    '--dir',
    folder,
  ];
  // A group of its own: Ctrl-C in a terminal is for those who still need it.
  const child = spawn('redis-server', args, { stdio: ['ignore', 'pipe', 'inherit'], detached: true });
  const kill = () => child.kill('SIGKILL');
  process.once('exit', kill);
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  await new Promise<void>((resolve, reject) => {
    let said = '';
    child.once('error', () => {
      reject(new Error('redis-server is missing. On Debian and Ubuntu: sudo apt-get install redis-server'));
    });
    child.once('close', () => {
      const taken = said.includes('Address already in use');
      reject(taken ? new PortTaken() : new Error(`redis-server ended: ${said.trim()}`));
    });
    child.stdout.on('data', (bytes: Buffer) => {
      said = (said + bytes.toString()).slice(-2000);
      if (said.includes('Ready to accept connections')) resolve();
    });
  });
  return {
    port,
    ended,
    async close() {
      process.off('exit', kill);
      child.kill('SIGTERM');
      await ended;
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return address === null || typeof address === 'string' ? 0 : address.port;
}
