// Owns the sample application's own HTTP interface (spec cluster §12.1) and the static pages. It has no resources of its
// own: it lets anyone act as the sample service on the same routes as the management interface.
import { Hono, type MiddlewareHandler } from 'hono';
import * as v from 'valibot';
import { SluiceError } from '../../schemas/error.ts';
import type { Origin } from '../../schemas/room.ts';
import type { Clock, Log, Random } from '../clock.ts';
import type { PortalFor } from '../cluster/portals.ts';
import { audited } from '../management/audited.ts';
import { bindings } from '../management/bindings.ts';
import { errorReply, notFound, withCommonHeaders } from '../management/replies.ts';
import { readBody } from '../management/request-body.ts';
import { requestPath } from '../management/request-path.ts';
import type { ResourceEnv } from '../management/resource-env.ts';
import { roomResources } from '../management/room-resources.ts';
import { issueToken } from '../management/room-tokens.ts';
import type { Rooms } from '../rooms/live-room.ts';
import type { Audit } from '../store/audit.ts';
import type { Directory } from '../store/directory.ts';
import type { Jobs } from '../store/jobs.ts';
import { createSecretBox } from '../tokens/secret-box.ts';
import type { Tokens } from '../tokens/tokens.ts';
import type { Assets } from './assets.ts';
import { createRateLimit } from './rate-limit.ts';
import { requestAddress } from '../tokens/portal-address.ts';
import { staticFiles } from './static-files.ts';

export interface WebDeps {
  readonly directory: Directory;
  readonly jobs: Jobs;
  readonly rooms: Rooms;
  readonly tokens: Tokens;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly audit: Audit;
  readonly assets: Assets;
  /** Id of the service that visitors act as. */
  readonly service: string;
  /** Id of the room they get when they name none. */
  readonly sampleRoom: string;
  /** False switches the open interface off and leaves the static files; true by default. */
  readonly enabled?: boolean;
  /** Which address a token names. */
  readonly portalFor: PortalFor;
  /** Where visitors are taken to be: whom this page's own edge serves. Absent: anywhere. */
  readonly origin?: Partial<Origin>;
  /** Whether a page may be sent to other edges; false by default. */
  readonly otherEdges?: boolean;
  /** Tokens in ten seconds, for all visitors together; 1000 by default. */
  readonly tokenLimit?: number;
}

const tokenWindowMs = 10_000;
const tokenBody = v.object({
  room: v.optional(v.string()),
  role: v.optional(v.string()),
  user: v.optional(v.string()),
  username: v.optional(v.string()),
});

/** The whole web app: pass-throughs and tokens without authentication, then static files, then 404. */
export function webApp(deps: WebDeps): Hono {
  const { assets, log, enabled = true, otherEdges } = deps;
  const open = openInterface(deps);
  const files = staticFiles(assets, otherEdges);
  files.notFound(notFound);
  files.onError((error, c) => errorReply(c, error, log));

  const app = new Hono();
  app.all('*', async (c) => {
    if (enabled && /^\/(rooms|tokens|createtoken)(\/|$)/i.test(c.req.path))
      return withCommonHeaders(await open.fetch(c.req.raw, bindings(c.env)));
    return files.fetch(c.req.raw);
  });
  return app;
}

function openInterface(deps: WebDeps): Hono<ResourceEnv> {
  const { clock, directory, log, random } = deps;
  const resources = { ...deps, box: createSecretBox(directory, random) };
  const mayIssue = createRateLimit(clock, deps.tokenLimit ?? 1000, tokenWindowMs);
  const app = new Hono<ResourceEnv>({ getPath: requestPath });

  app.use('*', audited({ ...deps, by: 'app' }));
  app.options('*', (c) => c.body(''));
  app.use('*', readBody, actAs(deps));
  app.post('/tokens', issue('user'));
  app.post('/createtoken', issue('username'));
  app.route('/rooms', roomResources(resources, 'v1', 'sample'));
  app.notFound(notFound);
  app.onError((error, c) => errorReply(c, error, log));
  return app;

  /** `userField` is what the body calls the user. */
  function issue(userField: 'user' | 'username'): MiddlewareHandler<ResourceEnv> {
    return async (c) => {
      if (!mayIssue()) throw new SluiceError('unavailable', 'Too many tokens');
      const asked = v.safeParse(tokenBody, c.get('body'));
      if (!asked.success) throw new SluiceError('bad-request', 'Name or role not valid');
      const { room: wanted = '', role, [userField]: user } = asked.output;
      const found = await directory.room(wanted === '' ? deps.sampleRoom : wanted);
      const caller = c.get('caller');
      if (found?.service !== caller.service._id) throw new SluiceError('room-not-found', 'Room not found');
      const requested = requestAddress(c.req.url);
      const visitor = { user, role, preference: deps.origin };
      return c.text(await issueToken(deps, caller, found.room, visitor, requested));
    };
  }
}

function actAs({ directory, service: id }: WebDeps): MiddlewareHandler<ResourceEnv> {
  return async (c, next) => {
    const service = await directory.service(id);
    if (service === undefined) throw new SluiceError('service-not-found', 'Sample service not found');
    c.set('caller', { service });
    await next();
  };
}
