// Owns a coturn for tests: Debian's turnserver on a free port of loopback, started with what deploy/coturn starts it with.
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { freePort } from '../../edge/platform/node/free-port.ts';

export interface TestCoturn {
  /** For browsers. */
  readonly url: string;
  readonly port: number;
  /** What it wrote so far. */
  output(): string;
  stop(): Promise<void>;
}

const startMs = 10_000;
const attempts = 5;

/** Where turnserver is; undefined when it is not installed. */
export function findTurnserver(): string | undefined {
  return (process.env.PATH ?? '')
    .split(delimiter)
    .map((folder) => join(folder, 'turnserver'))
    .find((path) => existsSync(path));
}

/** `secrets` as in SLUICE_TURN_SECRETS. Peers on loopback are allowed, or denied as the configuration says. */
export async function startCoturn(
  secrets: string,
  loopback: 'allowed' | 'denied' = 'allowed',
): Promise<TestCoturn> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await tryStart(secrets, loopback, await freePort());
    } catch (error) {
      // Somebody may have taken the port meanwhile.
      if (attempt === attempts) throw error;
    }
  }
}

async function tryStart(secrets: string, loopback: 'allowed' | 'denied', port: number): Promise<TestCoturn> {
  const child = spawn(
    join(import.meta.dirname, '../../deploy/coturn/start.sh'),
    [
      `--listening-port=${port}`,
      '--listening-ip=127.0.0.1',
      '--relay-ip=127.0.0.1',
      '--allow-loopback-peers',
      ...(loopback === 'allowed' ? ['--allowed-peer-ip=127.0.0.1'] : []),
      '--verbose',
    ],
    { env: { ...process.env, SLUICE_TURN_SECRETS: secrets }, stdio: ['ignore', 'pipe', 'pipe'] },
  );
  let said = '';
  const gone = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const stop = (): Promise<void> => {
    child.kill('SIGKILL');
    return gone;
  };
  try {
    await new Promise<void>((resolve, reject) => {
      const late = setTimeout(() => reject(new Error(`turnserver does not start: ${said}`)), startMs);
      const hear = (bytes: Buffer): void => {
        said = (said + bytes.toString()).slice(-100_000);
        if (listens(said, port)) {
          clearTimeout(late);
          resolve();
        }
      };
      child.stdout.on('data', hear);
      child.stderr.on('data', hear);
      child.once('error', reject);
      child.once('close', () => reject(new Error(`turnserver ended: ${said}`)));
    });
  } catch (error) {
    await stop();
    throw error;
  }
  killAtExit(child);
  return { port, url: `turn:127.0.0.1:${port}?transport=udp`, output: () => said, stop };
}

/** It goes on without its port when that is taken. */
function listens(said: string, port: number): boolean {
  return (
    said.includes(`IPv4. UDP listener opened on: 127.0.0.1:${port}`) && said.includes('IO method (admin')
  );
}

function killAtExit(child: ChildProcess): void {
  const stop = (): void => void child.kill('SIGKILL');
  process.once('exit', stop);
  child.once('close', () => process.off('exit', stop));
}
