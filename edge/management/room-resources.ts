// Owns everything below `/rooms` as one set of routes, used by the authenticated management interface in both versions and
// by the sample's own interface. Who is calling is in the context already.
import { Hono, type MiddlewareHandler } from 'hono';
import { SluiceError } from '../../schemas/error.ts';
import { iceServerRoutes } from './ice-servers.ts';
import { mixerRoutes } from './mixers.ts';
import { participantRoutes } from './participants.ts';
import type { ResourceDeps, ResourceEnv, RestVersion } from './resource-env.ts';
import { roomRoutes } from './rooms.ts';
import { tokenRoutes } from './room-tokens.ts';
import { serverSessionRoutes } from './server-sessions.ts';
import { streamRoutes } from './streams.ts';

/** Routes relative to `/rooms`. The `sample` has no tokens of named rooms and no analytics (spec cluster §12.1). */
export function roomResources(
  deps: ResourceDeps,
  version: RestVersion,
  scope: 'all' | 'sample',
): Hono<ResourceEnv> {
  const app = new Hono<ResourceEnv>();
  app.use('/:room/*', ownRoom(deps));
  app.route('/', roomRoutes(deps));
  app.route('/', participantRoutes(deps));
  app.route('/', streamRoutes(deps, version));
  app.route('/', mixerRoutes(deps));
  for (const resource of ['streaming-ins', 'streaming-outs', 'recordings', 'sipcalls'] as const)
    app.route('/', serverSessionRoutes(deps, resource, version, scope));
  if (scope === 'all') {
    app.route('/', tokenRoutes(deps));
    if (deps.iceServers !== undefined) app.route('/', iceServerRoutes(deps.iceServers));
    app.route('/', serverSessionRoutes(deps, 'analytics', version, scope));
  }
  return app;
}

/** Sets the room of the path; rooms of other services look absent. */
function ownRoom({ directory }: ResourceDeps): MiddlewareHandler<ResourceEnv> {
  return async (c, next) => {
    const id = c.req.param('room') ?? '';
    const found = /^[0-9A-Za-z_-]{1,64}$/.test(id) ? await directory.room(id) : undefined;
    if (found?.service !== c.get('caller').service._id)
      throw new SluiceError('room-not-found', 'Room not found');
    c.set('room', found.room);
    await next();
  };
}
