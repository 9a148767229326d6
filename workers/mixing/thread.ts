// Owns the entry of a mixing thread in the worker's process: its port. What it does is run-thread.ts.
import { parentPort, workerData } from 'node:worker_threads';
import type { Batch, ThreadData } from './messages.ts';
import { runThread } from './run-thread.ts';

const port = parentPort;
const data: unknown = workerData;
if (port === null || !isThreadData(data)) throw new Error('this runs in a mixing thread only');

runThread(
  {
    post: (message, transfer) => {
      port.postMessage(message, [...transfer]);
    },
    hear: (listener) => {
      port.on('message', (batch: Batch) => {
        listener(batch);
      });
    },
  },
  data,
);

function isThreadData(value: unknown): value is ThreadData {
  return typeof value === 'object' && value !== null && 'modules' in value && 'clockOffsetMs' in value;
}
