// Owns what a mixing thread is once it has a way to its worker: its clock and its pipelines. Which way that is, is for its
// entries: thread.ts and process.ts. It must never reach node-datachannel, which one thread of a process may load.
import { realpathSync } from 'node:fs';
import type { Batch, Introduction, ThreadData, Turn } from './messages.ts';
import { openPipelines } from './open-pipelines.ts';
import { ThreadHost } from './thread-host.ts';

export interface ThreadPort {
  post(message: Introduction | Turn, transfer: readonly ArrayBuffer[]): void;
  hear(listener: (batch: Batch) => void): void;
}

/** Begins at once. */
export function runThread(port: ThreadPort, data: ThreadData): ThreadHost {
  const [seconds, nanoseconds] = process.hrtime();
  const clockBeganMs = seconds * 1000 + nanoseconds / 1e6 + data.clockOffsetMs - performance.now();
  port.post(introduction(), []);
  const host = new ThreadHost({
    nowMs: () => clockBeganMs + performance.now(),
    after: (ms, callback) => {
      const timer = setTimeout(callback, ms);
      return () => {
        clearTimeout(timer);
      };
    },
    send: (turn, transfer) => {
      port.post(turn, transfer);
    },
    ...openPipelines(data),
    ...(data.wedgeable ? { wedge } : {}),
  });
  port.hear((batch) => {
    host.receive(batch);
  });
  return host;
}

function introduction(): Introduction {
  try {
    return { task: realpathSync('/proc/thread-self') };
  } catch {
    // No Linux: how long it waited for a core is not known.
    return { task: undefined };
  }
}

function wedge(): void {
  for (;;);
}
