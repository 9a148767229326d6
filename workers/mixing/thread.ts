// Owns the entry of a mixing thread: its port, its clock and its pipelines. It must never reach node-datachannel, which one
// thread of a process may load. What it does is thread-host.ts.
import { realpathSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import type { Batch, Introduction, ThreadData } from './messages.ts';
import { openPipelines } from './open-pipelines.ts';
import { ThreadHost } from './thread-host.ts';

const port = parentPort;
const data: unknown = workerData;
if (port === null || !isThreadData(data)) throw new Error('this runs in a mixing thread only');

const hrtimeMs = (): number => {
  const [seconds, nanoseconds] = process.hrtime();
  return seconds * 1000 + nanoseconds / 1e6;
};
const clockBeganMs = hrtimeMs() + data.clockOffsetMs - performance.now();

port.postMessage(introduction());

const host = new ThreadHost({
  nowMs: () => clockBeganMs + performance.now(),
  after: (ms, callback) => {
    const timer = setTimeout(callback, ms);
    return () => {
      clearTimeout(timer);
    };
  },
  send: (turn, transfer) => {
    port.postMessage(turn, [...transfer]);
  },
  ...openPipelines(data),
  ...(data.wedgeable ? { wedge } : {}),
});
port.on('message', (batch: Batch) => {
  host.receive(batch);
});

function isThreadData(value: unknown): value is ThreadData {
  return typeof value === 'object' && value !== null && 'modules' in value && 'clockOffsetMs' in value;
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
