// Owns the management REST interface as a whole: its paths, the order of body, authentication and routes, and what every
// reply carries (spec rest-api §1).
import { Hono } from 'hono';
import { SluiceError } from '../../schemas/error.ts';
import { notOffered } from '../../schemas/rest.ts';
import type { Clock, Log, Random } from '../clock.ts';
import type { PortalFor } from '../cluster/portals.ts';
import type { Rooms } from '../rooms/live-room.ts';
import type { Audit } from '../store/audit.ts';
import type { Directory } from '../store/directory.ts';
import type { Jobs } from '../store/jobs.ts';
import type { Once } from '../store/once.ts';
import { createSecretBox } from '../tokens/secret-box.ts';
import type { IceServersFor } from '../tokens/ice-servers.ts';
import type { Tokens } from '../tokens/tokens.ts';
import { auditRoutes } from './audit.ts';
import { audited } from './audited.ts';
import { authenticate } from './authentication.ts';
import { bindings } from './bindings.ts';
import type { ClusterView } from './cluster-view.ts';
import { clusterRoutes } from './cluster.ts';
import { descriptionRoutes } from './description.ts';
import { importRoutes, readOtherBody } from './import.ts';
import type { ReplaySettings } from './replay-protection.ts';
import { errorReply, notFound, withCommonHeaders } from './replies.ts';
import { isManagementPath, requestPath } from './request-path.ts';
import type { ResourceEnv } from './resource-env.ts';
import { roomResources } from './room-resources.ts';
import { serverKeyRoutes } from './server-keys.ts';
import { serviceRoutes } from './services.ts';
import { webhookRoutes } from './webhooks.ts';

export interface ManagementDeps {
  readonly directory: Directory;
  readonly once: Once;
  readonly jobs: Jobs;
  readonly rooms: Rooms;
  readonly tokens: Tokens;
  readonly iceServers: IceServersFor;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly audit: Audit;
  readonly cluster: ClusterView;
  /** Which address a token names. */
  readonly portalFor: PortalFor;
  readonly settings: {
    /** Id of the service that manages services. */
    readonly superService: string;
  } & Partial<ReplaySettings>;
}

/** Every route, behind the request's id, its body and who is calling. What each reply carries is `managementApp`'s. */
export function managementRoutes(deps: ManagementDeps): Hono<ResourceEnv> {
  const { directory, random, log, cluster, audit, settings } = deps;
  const { superService } = settings;
  const box = createSecretBox(directory, random);
  const resources = { ...deps, box };
  const app = new Hono<ResourceEnv>({ getPath: requestPath });
  const authenticated = authenticate({ ...deps, box });

  app.use('*', audited({ ...deps, by: 'service' }));
  app.options('*', (c) => c.body(''));
  app.use('*', readOtherBody);
  for (const prefix of ['/services', '/v1/rooms', '/v1.1/rooms', notOffered, '/cluster'])
    app.use(`${prefix}/*`, authenticated);
  app.route('/services', serviceRoutes(resources, superService));
  app.route('/services', importRoutes(resources, superService));
  app.route('/services', auditRoutes(audit, resources, superService));
  app.route('/services', webhookRoutes(resources, superService));
  app.route('/v1/rooms', roomResources(resources, 'v1', 'all'));
  app.route('/v1.1/rooms', roomResources(resources, 'v1.1', 'all'));
  app.route('/cluster', clusterRoutes(cluster, superService));
  app.route('/cluster/keys', serverKeyRoutes(deps, superService));
  app.route('/', descriptionRoutes());
  app.use(`${notOffered}/*`, () => {
    throw new SluiceError('not-found', 'The stream engine is not offered');
  });
  app.notFound(notFound);
  app.onError((error, c) => errorReply(c, error, log));
  return app;
}

/**
 * An app that answers /services, /v1, /v1.1, /cluster and /openapi.json in any case, and 404 for all else. Put into another
 * app (`route('/', …)`) it lets that one answer the rest.
 */
export function managementApp(deps: ManagementDeps): Hono {
  const routes = managementRoutes(deps);
  const app = new Hono();
  app.use('*', async (c, next) => {
    if (!isManagementPath(c.req.path)) return next();
    return withCommonHeaders(await routes.fetch(c.req.raw, bindings(c.env)));
  });
  app.notFound(async (c) => withCommonHeaders(await routes.fetch(c.req.raw, bindings(c.env))));
  return app;
}
