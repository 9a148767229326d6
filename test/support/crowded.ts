// Owns the judgement that this machine is too busy with other things for a time measured on it to mean anything.
import { availableParallelism, loadavg } from 'node:os';

/** What came late is then looked at again, not believed. What came in time counts all the same. */
export function isCrowded(): boolean {
  return (loadavg()[0] ?? 0) > availableParallelism() * 2.5;
}
