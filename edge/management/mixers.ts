// Owns what an operator sees of a room's mixers: an addition of our own to the management interface.
import { Hono } from 'hono';
import type { ResourceDeps, ResourceEnv } from './resource-env.ts';

/** Routes relative to `/rooms`. A room that is idle or mixes nothing has none. */
export function mixerRoutes({ rooms }: ResourceDeps): Hono<ResourceEnv> {
  const app = new Hono<ResourceEnv>();
  app.get('/:room/mixers', async (c) => {
    const live = await rooms.reach(c.get('room')._id);
    return c.json((await live?.mixerStats()) ?? []);
  });
  return app;
}
