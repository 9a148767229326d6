// Owns the cluster resources (spec rest-api §13): reading only, and for the super service only.
import { Hono } from 'hono';
import { SluiceError } from '../../schemas/error.ts';
import { nodeNamed, type ClusterView } from './cluster-view.ts';
import type { ResourceEnv } from './resource-env.ts';

/** Routes relative to `/cluster`. */
export function clusterRoutes(view: ClusterView, superService: string): Hono<ResourceEnv> {
  const app = new Hono<ResourceEnv>();
  app.use('*', async (c, next) => {
    if (c.get('caller').service._id !== superService) throw new SluiceError('forbidden', 'Permission denied');
    await next();
  });
  app.get('/nodes', async (c) => c.json(await view.nodes()));
  app.get('/nodes/:node', async (c) => c.json(nodeNamed(await view.nodes(), c.req.param('node'))));
  app.get('/nodes/:node/config', async (c) =>
    c.json(await view.config(nodeNamed(await view.nodes(), c.req.param('node')))),
  );
  app.get('/rooms', async (c) => c.json(await view.rooms()));
  return app;
}
