// Owns which requests go into the audit log, and the id by which a reply and its entry are found together: whatever
// would change something, and refused credentials. No bodies, no queries, no secrets.
import type { Context, MiddlewareHandler } from 'hono';
import type { AuditEntry } from '../../schemas/audit.ts';
import type { Clock, Random } from '../clock.ts';
import type { Audit } from '../store/audit.ts';
import { parseMAuth } from '../tokens/mauth.ts';
import { AuditLimit } from './audit-limit.ts';
import type { ResourceEnv } from './resource-env.ts';

/** Entries that need no credentials: refusals, and what visitors of the sample application do. */
const openly = { perAddress: 60, together: 600 };
const changing = new Set(['POST', 'PUT', 'PATCH', 'DELETE']);
const most = { pathChars: 256, userChars: 128, addressChars: 64 };

/** What a caller may name its request: it goes into log lines and headers as it is. */
const plainId = /^[A-Za-z0-9._-]{1,64}$/;

function newId(random: Random): string {
  return [...random.bytes(8)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

/**
 * Gives each request an id, that of its caller's header where it is plain and short, told as `X-Request-Id`, and writes it down with its outcome. `by` says whose interface it is.
 */
export function audited(deps: {
  readonly audit: Audit;
  readonly clock: Clock;
  readonly random: Random;
  readonly by: AuditEntry['by'];
}): MiddlewareHandler<ResourceEnv> {
  const { audit, clock, random, by } = deps;
  const limit = new AuditLimit(audit, openly);
  return async (c, next) => {
    const given = c.req.header('x-request-id') ?? '';
    const request = plainId.test(given) ? given : newId(random);
    c.set('request', request);
    await next();
    c.res.headers.set('x-request-id', request);
    const { status } = c.res;
    const { caller } = known(c);
    const done = caller !== undefined && changing.has(c.req.method);
    const refused = caller === undefined && status === 401;
    if (!done && !refused) return;
    const entry = { request, at: clock.now(), by, ...described(c), status };
    if (refused) limit.record({ ...entry, kind: 'refused', ...claimed(c) });
    else if (by === 'app') limit.record({ ...entry, kind: 'done', ...acting(c) });
    else audit.record({ ...entry, kind: 'done', ...acting(c) });
  };
}

/** A request may have been answered before all of it was known. */
function known(c: Context<ResourceEnv>): Partial<ResourceEnv['Variables']> {
  return c.var;
}

function described(c: Context<ResourceEnv>): Pick<AuditEntry, 'method' | 'path' | 'room' | 'address'> {
  const { room } = known(c);
  const { address } = c.env;
  return {
    method: c.req.method,
    path: c.req.path.slice(0, most.pathChars),
    ...(room === undefined ? {} : { room: room._id }),
    ...(address === undefined ? {} : { address: address.slice(0, most.addressChars) }),
  };
}

function acting(c: Context<ResourceEnv>): Pick<AuditEntry, 'service' | 'user'> {
  const { service, user } = known(c).caller ?? {};
  return {
    ...(service === undefined ? {} : { service: service._id }),
    ...(user === undefined ? {} : { user: user.slice(0, most.userChars) }),
  };
}

/** Whom refused credentials named. */
function claimed(c: Context<ResourceEnv>): Pick<AuditEntry, 'service'> {
  const { service } = parseMAuth(c.req.header('authorization')) ?? {};
  return service !== undefined && /^[0-9a-f]{24}$/i.test(service) ? { service: service.toLowerCase() } : {};
}
