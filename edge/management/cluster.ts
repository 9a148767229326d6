// Owns the cluster resources (spec rest-api §13): for the super service only. Nothing but the draining of media workers and
// of GPUs is changed here.
import { Hono } from 'hono';
import { deviceDrainSchema, nodeDrainSchema } from '../../schemas/cluster.ts';
import { SluiceError } from '../../schemas/error.ts';
import { nodeNamed, type ClusterView } from './cluster-view.ts';
import type { ResourceEnv } from './resource-env.ts';
import { validBody } from './valid-body.ts';

/** Routes relative to `/cluster`. */
export function clusterRoutes(view: ClusterView, superService: string): Hono<ResourceEnv> {
  const app = new Hono<ResourceEnv>();
  app.use('*', async (c, next) => {
    if (c.get('caller').service._id !== superService) throw new SluiceError('forbidden', 'Permission denied');
    await next();
  });
  app.get('/nodes', async (c) => c.json(await view.nodes()));
  app.get('/nodes/:node', async (c) => c.json(nodeNamed(await view.nodes(), c.req.param('node'))));
  app.patch('/nodes/:node', async (c) => {
    const wish = validBody(nodeDrainSchema, c.get('body'), 'Invalid wish for a node');
    return c.json(await view.drainNode(nodeNamed(await view.nodes(), c.req.param('node')), wish));
  });
  app.get('/nodes/:node/config', async (c) =>
    c.json(await view.config(nodeNamed(await view.nodes(), c.req.param('node')))),
  );
  app.get('/nodes/:node/media', async (c) =>
    c.json(await view.media(nodeNamed(await view.nodes(), c.req.param('node')))),
  );
  app.get('/devices', async (c) => c.json(await view.devices()));
  app.patch('/devices/:device', async (c) => {
    const wish = validBody(deviceDrainSchema, c.get('body'), 'Invalid wish for a device');
    return c.json(await view.drainDevice(c.req.param('device'), wish));
  });
  app.get('/rooms', async (c) => c.json(await view.rooms()));
  return app;
}
