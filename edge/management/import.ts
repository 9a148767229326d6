// Owns the import of rooms as a route below `/services`: who may do it and how much one request may bring. The rest is in
// import-rooms.ts.
import { Hono, type MiddlewareHandler } from 'hono';
import * as v from 'valibot';
import { SluiceError } from '../../schemas/error.ts';
import { importLimits, importRoomsSchema } from '../../schemas/room-import.ts';
import { importRooms } from './import-rooms.ts';
import { readBody, readJson } from './request-body.ts';
import { requestPath } from './request-path.ts';
import type { ResourceDeps, ResourceEnv } from './resource-env.ts';

/**
 * Reads the body of any request but an import: that may bring more than others, so it is read once it is known who asks.
 */
export const readOtherBody: MiddlewareHandler<ResourceEnv> = (c, next) =>
  c.req.method === 'POST' && /^\/services\/[^/]+\/import$/.test(requestPath(c.req.raw))
    ? next()
    : readBody(c, next);

/** Routes relative to `/services`: any service brings rooms into itself, the super service into any. */
export function importRoutes(deps: ResourceDeps, superService: string): Hono<ResourceEnv> {
  const app = new Hono<ResourceEnv>();
  app.post('/:id/import', async (c) => {
    const { service: caller } = c.get('caller');
    const id = c.req.param('id');
    if (id !== caller._id && caller._id !== superService)
      throw new SluiceError('forbidden', 'Permission denied');
    if ((await deps.directory.service(id)) === undefined)
      throw new SluiceError('service-not-found', 'Service not found');
    const body = v.safeParse(importRoomsSchema, await readJson(c.req.raw, importLimits.bodyBytes));
    if (!body.success) {
      const most = `at most ${importLimits.rooms} rooms`;
      throw new SluiceError('bad-request', `The body is not {rooms: […], update?, dryRun?} with ${most}`);
    }
    return c.json(await importRooms(deps, id, body.output));
  });
  return app;
}
