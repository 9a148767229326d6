// Owns finding a TCP port for a program that cannot say which one it took.
import { once } from 'node:events';
import { createServer } from 'node:net';

/** A port of loopback that is free now; somebody else may take it before the program does. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}
