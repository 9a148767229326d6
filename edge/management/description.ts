// Owns where the OpenAPI description is found: by anyone, for it holds nothing of any service.
import { Hono } from 'hono';
import { openApi } from './openapi.ts';
import type { ResourceEnv } from './resource-env.ts';

/** Routes from the root. The text is made at the first request. */
export function descriptionRoutes(): Hono<ResourceEnv> {
  const app = new Hono<ResourceEnv>();
  let text: string | undefined;
  app.get('/openapi.json', (c) => {
    text ??= JSON.stringify(openApi());
    return c.body(text, 200, { 'content-type': 'application/json; charset=utf-8' });
  });
  return app;
}
