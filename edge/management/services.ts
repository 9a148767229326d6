// Owns the /services resource (spec rest-api §4).
import { Hono } from 'hono';
import * as v from 'valibot';
import { SluiceError } from '../../schemas/error.ts';
import { createServiceSchema, type Service } from '../../schemas/management.ts';
import { changeServiceKeySchema } from '../../schemas/service-key.ts';
import type { Clock } from '../clock.ts';
import { mask } from './masked.ts';
import type { ResourceDeps, ResourceEnv } from './resource-env.ts';
import { removeWithSessions } from './room-session.ts';

/** Routes relative to `/services`. `superService` is the id of the one service that may do all this. */
export function serviceRoutes(
  deps: ResourceDeps & { readonly clock: Clock },
  superService: string,
): Hono<ResourceEnv> {
  const { directory, box, clock } = deps;
  const app = new Hono<ResourceEnv>();

  function onlySuper(caller: Service): void {
    if (caller._id !== superService) throw new SluiceError('forbidden', 'Permission denied');
  }

  app.post('/', async (c) => {
    onlySuper(c.get('caller').service);
    const body = v.safeParse(createServiceSchema, c.get('body'));
    if (!body.success) {
      const [issue] = body.issues;
      const badId = v.getDotPath(issue) === '_id';
      throw new SluiceError(
        'bad-request',
        badId ? 'Service _id is not 24 hex digits' : 'Service name and key do not have string type',
      );
    }
    const { name, key, _id = '' } = body.output;
    if (name === '' || key === '')
      throw new SluiceError('bad-request', 'Service name and key must not be empty');
    const service = { _id, name, key: await box.seal(key), encrypted: true };
    return c.json(await directory.createService(service));
  });

  app.get('/', async (c) => {
    onlySuper(c.get('caller').service);
    return c.json((await directory.services()).map(shown));
  });

  app.get('/:id', async (c) => {
    const { service: caller } = c.get('caller');
    const id = c.req.param('id');
    if (id === caller._id) return c.json(shown(caller));
    onlySuper(caller);
    const service = await directory.service(id);
    if (service === undefined) throw new SluiceError('service-not-found', 'Service not found');
    return c.json(shown(service));
  });

  app.patch('/:id', async (c) => {
    const { service: caller } = c.get('caller');
    const id = c.req.param('id');
    if (id !== caller._id) onlySuper(caller);
    const body = v.safeParse(changeServiceKeySchema, c.get('body'));
    if (!body.success)
      throw new SluiceError('bad-request', 'A key and at most 30 days of overlapSeconds are expected');
    const service = await directory.service(id);
    const { key, overlapSeconds } = body.output;
    const until = clock.now() + overlapSeconds * 1000;
    const changed =
      service &&
      (await directory.changeServiceKey(id, {
        key: await box.seal(key),
        encrypted: true,
        ...(overlapSeconds === 0 ? {} : { oldKey: { key: await sealedKey(service), until } }),
      }));
    if (changed === undefined) throw new SluiceError('service-not-found', 'Service not found');
    return c.json(shown(changed));
  });

  app.delete('/:id', async (c) => {
    onlySuper(c.get('caller').service);
    const id = c.req.param('id');
    if (id === superService) return c.text('Super service not permitted to be deleted', 401);
    const service = await directory.service(id);
    const rooms = service?.rooms ?? [];
    if (!(await removeWithSessions(deps, rooms, () => directory.removeService(id))))
      throw new SluiceError('service-not-found', 'Service not found');
    return c.text('Service deleted');
  });

  return app;

  async function sealedKey({ key, encrypted }: Service): Promise<string> {
    return encrypted ? key : box.seal(key);
  }
}

/** No key in clear, and nothing of the key before the present one; webhooks are a resource of their own. */
function shown({ oldKey: _, webhooks: _hooks, ...service }: Service): Service {
  return service.encrypted ? service : { ...service, key: mask };
}
