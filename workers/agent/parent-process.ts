// Owns the parent of this process as the IPC bus wants to see it.
import type { WorkerFigures } from '../../schemas/worker-metrics.ts';
import type { IpcProcess } from './ipc-bus.ts';

/** Says it beside the bus; nobody may listen. */
export function tellParent(message: WorkerFigures): void {
  if (process.connected) process.send?.(message, undefined, undefined, () => undefined);
}

const emitter: NodeJS.EventEmitter = process;

/** The process that forked this one. */
export const parentProcess: IpcProcess = {
  get connected() {
    return process.connected;
  },
  send: (frame, done) => process.send?.(frame, undefined, undefined, done) ?? false,
  on: (event: string, listener: (message: unknown) => void) => emitter.on(event, listener),
  off: (event: string, listener: (message: unknown) => void) => emitter.off(event, listener),
};
