// Owns the client library's contract with time and chance, and the browser's implementation of it.
import type { Off } from './emitter.ts';

export interface Timers {
  /** Milliseconds that only ever grow. */
  now(): number;
  /** Calls once after `ms`; the result cancels. */
  after(ms: number, callback: () => void): Off;
  every(ms: number, callback: () => void): Off;
  /** 0 to below 1. */
  random(): number;
}

export const browserTimers: Timers = {
  now: () => performance.now(),
  after(ms, callback) {
    const id = setTimeout(callback, ms);
    return () => clearTimeout(id);
  },
  every(ms, callback) {
    const id = setInterval(callback, ms);
    return () => clearInterval(id);
  },
  random: () => Math.random(),
};
