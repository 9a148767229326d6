// Owns the contract of time, randomness and logging given to everything that must not reach for them itself.
import type { Unsubscribe } from '../schemas/bus.ts';

export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  /** Calls once after `ms`; the result cancels. */
  after(ms: number, callback: () => void): Unsubscribe;
  every(ms: number, callback: () => void): Unsubscribe;
}

export interface Random {
  bytes(length: number): Uint8Array;
}

export interface Log {
  info(message: string, fields?: Readonly<Record<string, unknown>>): void;
  warn(message: string, fields?: Readonly<Record<string, unknown>>): void;
  error(message: string, fields?: Readonly<Record<string, unknown>>): void;
}
