// Owns how the audit log is read: by a service what was done in its name, by the super service that of any.
import { Hono } from 'hono';
import { SluiceError } from '../../schemas/error.ts';
import type { Audit, AuditQuery } from '../store/audit.ts';
import type { ResourceDeps, ResourceEnv } from './resource-env.ts';

const usual = 100;
const most = 1000;

/** Routes relative to `/services`. */
export function auditRoutes(
  audit: Audit,
  { directory }: Pick<ResourceDeps, 'directory'>,
  superService: string,
): Hono<ResourceEnv> {
  const app = new Hono<ResourceEnv>();
  app.get('/:id/audit', async (c) => {
    const { service: caller } = c.get('caller');
    const id = c.req.param('id');
    if (id !== caller._id && caller._id !== superService)
      throw new SluiceError('forbidden', 'Permission denied');
    if ((await directory.service(id)) === undefined)
      throw new SluiceError('service-not-found', 'Service not found');
    const { since, ...bounds } = read(c.req.query('since'), c.req.query('limit'));
    const query: AuditQuery = {
      service: id,
      orNone: id === superService,
      ...bounds,
      ...(since === undefined ? {} : { since }),
    };
    return c.json(await audit.recent(query));
  });
  return app;
}

function read(since: string | undefined, limit: string | undefined) {
  return {
    since: whole('since', since, 0, Number.MAX_SAFE_INTEGER),
    limit: whole('limit', limit, 1, most) ?? usual,
  };
}

/** Throws SluiceError `bad-request` for what is not a number in that range. */
function whole(name: string, text: string | undefined, least: number, greatest: number): number | undefined {
  if (text === undefined) return undefined;
  const value = /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN;
  if (!(value >= least && value <= greatest))
    throw new SluiceError('bad-request', `${name} is not a number from ${least} to ${greatest}`);
  return value;
}
