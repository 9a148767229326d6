// Owns the parent of this process as the IPC bus wants to see it.
import type { IpcProcess } from './ipc-bus.ts';

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
