// Owns what a worker host is called in the cluster: by its machine, so that an operator knows it, and by its process, since a
// machine may have several.
import { hostname } from 'node:os';

/** Such as `gpu-7.4711`; of the characters that need no care in addresses. */
export function hostName(): string {
  return `${
    hostname()
      .replace(/[^\w.-]/g, '-')
      .slice(0, 64) || 'host'
  }.${process.pid}`;
}
