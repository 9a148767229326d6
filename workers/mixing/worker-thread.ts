// Owns starting and ending mixing threads of node:worker_threads. What is said to them is mixing-thread.ts's.
import { Worker } from 'node:worker_threads';
import { clockOffsetMs } from './clock-offset.ts';
import type { Batch, Introduction, ThreadData, Turn } from './messages.ts';
import { runQueueMs } from './run-queue.ts';

/** A thread as the main thread holds it. */
export interface MixThread {
  /** Of those that are a process of their own. */
  readonly pid?: number | undefined;
  post(batch: Batch, transfer: readonly ArrayBuffer[]): void;
  /** For how long so far it could have run but had no core, in ms; 0 where the system does not tell. */
  waitedMs(): number;
  /** Ends it at once, whatever it does. */
  terminate(): void;
}

export interface MixThreadEvents {
  turn(turn: Turn): void;
  /** It is gone, of itself or because it was terminated. */
  ended(reason: string): void;
}

/** Throws where the machine has no more of them. */
export type StartThread = (events: MixThreadEvents) => MixThread;

/** A runaway heap ends its thread, not the process. Pictures are not in the heap but in the modules' own memory. */
const resourceLimits = { maxOldGenerationSizeMb: 256, maxYoungGenerationSizeMb: 32 };

/** Starts threads that run `program`, the bundled thread.ts. */
export function workerThreads(program: URL, data: Omit<ThreadData, 'clockOffsetMs'>): StartThread {
  return (events) => {
    const worker = new Worker(program, {
      workerData: { ...data, clockOffsetMs: clockOffsetMs() },
      resourceLimits,
      name: 'mixing',
      execArgv: [],
      env: {},
    });
    let ended = false;
    const end = (reason: string): void => {
      if (ended) return;
      ended = true;
      events.ended(reason);
    };
    let task: string | undefined;
    worker.on('message', (message: Introduction | Turn) => {
      if ('done' in message) {
        if (!ended) events.turn(message);
      } else task = message.task;
    });
    worker.on('messageerror', (error) => {
      end(error.message);
      void worker.terminate();
    });
    worker.on('error', (error) => {
      end(error instanceof Error ? error.message : String(error));
    });
    worker.on('exit', (code) => {
      end(`exit code ${code}`);
    });
    return {
      post: (batch, transfer) => {
        worker.postMessage(batch, [...transfer]);
      },
      waitedMs: () => (task === undefined ? 0 : runQueueMs(task)),
      terminate: () => {
        void worker.terminate();
      },
    };
  };
}
