// Owns the management REST interface as a whole: its paths, the order of body, authentication and routes, and what every
// reply carries (spec rest-api §1).
import { Hono } from 'hono';
import type { Clock, Log, Random } from '../clock.ts';
import type { Rooms } from '../rooms/live-room.ts';
import type { Directory } from '../store/directory.ts';
import type { Once } from '../store/once.ts';
import { createSecretBox } from '../tokens/secret-box.ts';
import type { Tokens } from '../tokens/tokens.ts';
import { authenticate } from './authentication.ts';
import { importRoutes, readOtherBody } from './import.ts';
import { errorReply, notFound, withCommonHeaders } from './replies.ts';
import { requestPath } from './request-path.ts';
import type { ResourceEnv } from './resource-env.ts';
import { roomResources } from './room-resources.ts';
import type { TokenAddress } from '../tokens/portal-address.ts';
import { serviceRoutes } from './services.ts';

export interface ManagementDeps {
  readonly directory: Directory;
  readonly once: Once;
  readonly rooms: Rooms;
  readonly tokens: Tokens;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** Which address tokens name. */
  readonly tokenAddress: TokenAddress;
  readonly settings: {
    /** Id of the service that manages services. */
    readonly superService: string;
    /** Refuse replayed and older requests; false by default. */
    readonly timestampCheck?: boolean;
  };
}

/**
 * An app that answers /services, /v1 and /v1.1 in any case, and 404 for all else. Put into another app (`route('/', …)`)
 * it lets that one answer the rest.
 */
export function managementApp(deps: ManagementDeps): Hono {
  const { directory, random, log, settings } = deps;
  const box = createSecretBox(directory, random);
  const resources = { ...deps, box };
  const inner = new Hono<ResourceEnv>({ getPath: requestPath });
  const authenticated = authenticate({
    ...deps,
    box,
    timestampCheck: settings.timestampCheck ?? false,
  });

  inner.options('*', (c) => c.body(''));
  inner.use('*', readOtherBody);
  for (const prefix of ['/services', '/v1/rooms', '/v1.1/rooms', '/v1.1/stream-engine'])
    inner.use(`${prefix}/*`, authenticated);
  inner.route('/services', serviceRoutes(resources, settings.superService));
  inner.route('/services', importRoutes(resources, settings.superService));
  inner.route('/v1/rooms', roomResources(resources, 'v1', 'all'));
  inner.route('/v1.1/rooms', roomResources(resources, 'v1.1', 'all'));
  inner.notFound(notFound);
  inner.onError((error, c) => errorReply(c, error, log));

  const app = new Hono();
  app.use('*', async (c, next) => {
    if (!/^\/(services|v1|v1\.1)(\/|$)/i.test(c.req.path)) return next();
    return withCommonHeaders(await inner.fetch(c.req.raw));
  });
  app.notFound(async (c) => withCommonHeaders(await inner.fetch(c.req.raw)));
  return app;
}
