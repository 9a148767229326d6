// Owns which application answers an HTTP request of the one listener: management REST, the sample app or health.
import { Hono } from 'hono';

/** What both applications are to the front door. */
export interface Answering {
  fetch(request: Request, env?: unknown): Response | Promise<Response>;
}

const managementPaths = /^\/(?:v1|v1\.1|services)(?:\/|$)/i;

/**
 * `web` gets what is not management's; without it management answers all (404 for what it does not know). `healthy`
 * answers `/healthz` with 200 or 503.
 */
export function frontDoor(deps: {
  readonly management: Answering;
  readonly web: Answering | undefined;
  readonly healthy: () => boolean;
}): Hono {
  const { management, web, healthy } = deps;
  const app = new Hono();
  app.get('/healthz', (c) => (healthy() ? c.text('ok') : c.text('no media worker', 503)));
  app.all('*', (c) => {
    const answering = web === undefined || managementPaths.test(c.req.path) ? management : web;
    return answering.fetch(c.req.raw, c.env);
  });
  return app;
}
