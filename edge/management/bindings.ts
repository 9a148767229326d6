// Owns what the platform tells an application of a request beside the request itself.
import type { ResourceEnv } from './resource-env.ts';

/** What of it is known; a runtime may give other things, or nothing. */
export function bindings(env: unknown): ResourceEnv['Bindings'] {
  const address = typeof env === 'object' && env !== null && 'address' in env ? env.address : undefined;
  return typeof address === 'string' ? { address } : {};
}
