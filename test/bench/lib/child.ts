// Owns starting one of the bench's own programs as a process of its own and stopping it for sure.
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

export interface ReadyChild {
  /** The pid the program reported: the one to measure, not that of a wrapper. */
  readonly pid: number;
  readonly port: number;
  stop(): Promise<void>;
}

async function readyLine(child: ChildProcess, program: string): Promise<{ pid: number; port: number }> {
  if (child.stdout === null) throw new Error(`${program} has no output to read`);
  for await (const line of createInterface({ input: child.stdout })) {
    if (!line.startsWith('{')) continue;
    const ready: unknown = JSON.parse(line);
    if (
      typeof ready === 'object' &&
      ready !== null &&
      'pid' in ready &&
      'port' in ready &&
      typeof ready.pid === 'number' &&
      typeof ready.port === 'number'
    ) {
      return { pid: ready.pid, port: ready.port };
    }
  }
  throw new Error(`${program} ended before it was ready`);
}

/** Runs a TypeScript program of this repository that prints `{"pid":…,"port":…}` as a line once it listens. */
export async function startProgram(program: string, args: readonly string[] = []): Promise<ReadyChild> {
  const child = spawn(process.execPath, ['deploy/run.mjs', program, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ready = await readyLine(child, program);
  child.stdout.resume();
  return {
    ...ready,
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const exited = once(child, 'exit');
      process.kill(ready.pid, 'SIGKILL');
      child.kill('SIGTERM');
      await exited;
    },
  };
}
