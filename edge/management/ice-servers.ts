// Owns who is told of STUN and TURN servers over REST: applications, for those of their clients whose protocol has no place
// for them. What they are told is made in edge/tokens.
import { Hono } from 'hono';
import type { IceServersFor } from '../tokens/ice-servers.ts';
import type { ResourceEnv } from './resource-env.ts';

/** Routes relative to `/rooms`. */
export function iceServerRoutes(iceServers: IceServersFor): Hono<ResourceEnv> {
  const app = new Hono<ResourceEnv>();
  app.get('/:room/ice-servers', async (c) => {
    const user = c.get('caller').user ?? c.req.query('user') ?? '';
    const region = c.req.query('region') ?? '';
    // Credentials are not for caches on the way.
    c.header('cache-control', 'no-store');
    return c.json(await iceServers({ room: c.get('room')._id, user, region }));
  });
  return app;
}
