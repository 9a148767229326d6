// Owns starting and ending mixing threads that are processes of their own. What is said to them is mixing-thread.ts's.
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { clockOffsetMs } from './clock-offset.ts';
import type { Introduction, ThreadData, Turn } from './messages.ts';
import { runQueueMs } from './run-queue.ts';
import type { StartThread } from './worker-thread.ts';

/** As for threads: a runaway heap ends it. */
const execArgv = ['--enable-source-maps', '--max-old-space-size=256'];
/** Ends by itself within this time, unless its driver hangs. */
const patienceMs = 1000;

/** Starts processes that run `program`, the bundled process.ts. */
export function workerProcesses(
  program: URL,
  data: Omit<ThreadData, 'modules' | 'clockOffsetMs'>,
): StartThread {
  return (events) => {
    const child = fork(fileURLToPath(program), [], {
      serialization: 'advanced',
      execArgv,
      env: {
        ...process.env,
        SLUICE_WORKER: '',
        SLUICE_MIXING: JSON.stringify({ ...data, clockOffsetMs: clockOffsetMs() }),
      },
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    let task: string | undefined;
    let isGone = false;
    let isLeaving = false;
    const end = (reason: string): void => {
      if (isGone) return;
      isGone = true;
      events.ended(reason);
    };
    child.on('message', (message: Introduction | Turn) => {
      if ('done' in message) {
        if (!isGone) events.turn(message);
      } else task = message.task;
    });
    child.on('error', (error) => end(error.message));
    child.on('exit', (code, signal) =>
      end(signal === null ? `its process ended with code ${code ?? '?'}` : `its process ended by ${signal}`),
    );
    return {
      pid: child.pid,
      post: (batch) => {
        // What is lost with the process is given to the next.
        if (child.connected) child.send(batch, () => undefined);
      },
      waitedMs: () => (task === undefined ? 0 : runQueueMs(task)),
      terminate: () => {
        if (isLeaving) return;
        isLeaving = true;
        // One that closed the channel itself may hang all the same.
        if (child.connected) child.disconnect();
        const timer = setTimeout(() => child.kill('SIGKILL'), patienceMs);
        child.once('exit', () => clearTimeout(timer));
      },
    };
  };
}
