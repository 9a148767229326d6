// Owns the contract of time and logging given to worker code. Its implementation for a process is agent/system.ts.
import type { Unsubscribe } from '../schemas/bus.ts';

export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  /** Calls once after `ms`; the result cancels. */
  after(ms: number, callback: () => void): Unsubscribe;
  every(ms: number, callback: () => void): Unsubscribe;
}

export interface Log {
  info(message: string, fields?: Readonly<Record<string, unknown>>): void;
  warn(message: string, fields?: Readonly<Record<string, unknown>>): void;
  error(message: string, fields?: Readonly<Record<string, unknown>>): void;
}
