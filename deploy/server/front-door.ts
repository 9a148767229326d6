// Owns which application answers an HTTP request of the one listener: management REST and the page that describes it, the
// sample app or health.
import { Hono } from 'hono';
import { isManagementPath } from '../../edge/management/request-path.ts';

/** What both applications are to the front door. */
export interface Answering {
  fetch(request: Request, env?: unknown): Response | Promise<Response>;
}

/**
 * `web` gets what is not management's; without it management answers all (404 for what it does not know) but the files
 * below `/api`, which `files` has in any case. `healthy` answers `/healthz` with 200 or 503, `unready`
 * answers `/readyz`.
 */
export function frontDoor(deps: {
  readonly management: Answering;
  readonly files: Answering;
  readonly web: Answering | undefined;
  readonly healthy: () => boolean;
  /** Why it takes no new clients; undefined when it does. */
  readonly unready?: () => string | undefined;
}): Hono {
  const { management, files, web, healthy, unready = () => undefined } = deps;
  const app = new Hono();
  app.get('/healthz', (c) => (healthy() ? c.text('ok') : c.text('no media worker', 503)));
  app.get('/readyz', (c) => {
    const reason = unready();
    return reason === undefined ? c.text('ok') : c.text(reason, 503);
  });
  app.get('/api', (c) => c.redirect('/api/', 301));
  app.all('*', (c) => {
    const { path } = c.req;
    const rest = path.startsWith('/api/') ? files : (web ?? management);
    const answering = isManagementPath(path) ? management : rest;
    return answering.fetch(c.req.raw, c.env);
  });
  return app;
}
