// Owns what the server itself sends, takes in, records, analyses or dials for a room, as far as it exists: none of it has
// a worker yet, so the lists are empty and starting one is refused (spec rest-api §9–§11).
import { Hono } from 'hono';
import { SluiceError } from '../../schemas/error.ts';
import type { Purpose } from '../../schemas/worker.ts';
import type { ResourceEnv } from './resource-env.ts';

const purposes = {
  'streaming-ins': 'streaming',
  'streaming-outs': 'streaming',
  recordings: 'recording',
  sipcalls: 'sip',
  analytics: 'analytics',
} as const satisfies Record<string, Purpose>;
export type ServerSessionResource = keyof typeof purposes;

/** Routes of one resource relative to `/rooms`. Streaming-ins are deleted as the streams they are. */
export function serverSessionRoutes(resource: ServerSessionResource): Hono<ResourceEnv> {
  const purpose = purposes[resource];
  const app = new Hono<ResourceEnv>();
  app.get(`/:room/${resource}`, (c) => c.json([]));
  app.post(`/:room/${resource}`, () => {
    throw new SluiceError('operation-failed', `No worker for ${purpose}`);
  });
  if (resource === 'streaming-ins') return app;
  const methods = resource === 'analytics' ? ['DELETE'] : ['PATCH', 'DELETE'];
  app.on(methods, `/:room/${resource}/:id`, () => {
    throw new SluiceError('operation-failed', 'Operation failed');
  });
  return app;
}
