// Owns watching a mixed room fall from a simulated GPU that fails while it runs.
import { execFileSync, fork } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { execPath, pid } from 'node:process';
import type { GpuFault } from '../gpu/gpu-fault.ts';
import { testGpu } from '../gpu/test-gpu.ts';
import type { FallingRoomOptions, FallingRoomReport } from './falling-room.ts';

export interface FallingPrograms {
  readonly room: string;
  readonly thread: string;
  readonly process: string;
}

export type Fall = Omit<Extract<FallingRoomReport, { type: 'fell' }>, 'type'>;

const root = join(import.meta.dirname, '../..');
const patienceMs = 40_000;

/** Programs for `watchFall`, until they are removed. */
export function fallingPrograms(): FallingPrograms & { remove(): void } {
  const bundled = (entry: string, name: string): string => {
    const program = join(root, `build/tools/${name}-${pid}.mjs`);
    execFileSync(execPath, ['deploy/bundle.mjs', entry, program], { cwd: root, stdio: 'inherit' });
    return program;
  };
  const room = bundled('test/engines/falling-room.ts', 'falling-room');
  const thread = bundled('workers/mixing/thread.ts', 'falling-thread');
  const process = bundled('workers/mixing/process.ts', 'falling-process');
  return {
    room,
    thread,
    process,
    remove: () => {
      for (const program of [room, thread, process]) rmSync(program, { force: true });
    },
  };
}

/** Rejects when the view does not go on. `returned`: the fault is over, and the view is waited for on the device again. */
export async function watchFall(
  programs: FallingPrograms,
  next: FallingRoomOptions['next'],
  fault: GpuFault,
  returned?: (gapMs: number) => void,
): Promise<Fall> {
  const gpu = testGpu();
  const options: FallingRoomOptions = {
    program: programs.thread,
    processProgram: programs.process,
    device: gpu.device,
    next,
  };
  const child = fork(programs.room, [JSON.stringify(options)], {
    env: { ...process.env, ...gpu.env },
    execArgv: [],
  });
  try {
    return await new Promise<Fall>((resolve, reject) => {
      const patience = returned === undefined ? patienceMs : 3 * patienceMs;
      const timer = setTimeout(() => reject(new Error(`${fault.kind}: the view does not go on`)), patience);
      let fell: Fall | undefined;
      child.once('exit', (code, signal) => {
        clearTimeout(timer);
        reject(new Error(`${fault.kind}: the room's process ended with ${code ?? signal}`));
      });
      child.on('message', (report: FallingRoomReport) => {
        if (report.type === 'running') {
          gpu.inject(fault);
          return;
        }
        if (report.type === 'fell') fell = report;
        if (report.type === 'fell' && returned !== undefined) {
          gpu.inject();
          return;
        }
        if (report.type === 'returned') returned?.(report.gapMs);
        clearTimeout(timer);
        if (fell !== undefined) resolve(fell);
      });
    });
  } finally {
    child.removeAllListeners('exit');
    gpu.inject();
    child.kill('SIGKILL');
    gpu.close();
  }
}
