// Owns counting HTTP requests by the pattern of their route, never by the path that was asked for: paths are endless.
import type { Unsubscribe } from '../../schemas/bus.ts';
import { requestPath } from '../management/request-path.ts';
import { edgeFamilies } from './edge-families.ts';
import { type Metrics, reading } from './metrics.ts';
import type { Stopwatch } from './metered-ports.ts';

interface Answering {
  fetch(request: Request, env?: unknown): Response | Promise<Response>;
}

export interface HttpMeter extends Answering {
  readonly close: Unsubscribe;
}

const methods = new Set(['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS']);
/** What follows an id in a path of the management interface; everything else in its place is an id. */
const words = new Set(
  'participants streams streaming-ins streaming-outs recordings analytics sipcalls tokens webhooks schedule import export audit rooms nodes keys config'.split(
    ' ',
  ),
);

/** The same application, counted. */
export function meteredHttp(app: Answering, metrics: Metrics, stopwatch: Stopwatch): HttpMeter {
  let open = 0;
  const close = metrics.read(() => [reading(edgeFamilies.httpNow, {}, open)]);
  return {
    close,
    async fetch(request, env) {
      const began = stopwatch();
      open += 1;
      let status = 500;
      try {
        const response = await app.fetch(request, env);
        ({ status } = response);
        return response;
      } finally {
        open -= 1;
        const route = routeOf(request);
        const method = methods.has(request.method) ? request.method : 'other';
        metrics.add(edgeFamilies.http, { method, route, status: String(status) });
        metrics.observe(edgeFamilies.httpSeconds, { route }, (stopwatch() - began) / 1000);
      }
    },
  };
}

/** `/v1/rooms/:id/streams/:id` and the like; `other` for pages, files and what there is not. */
export function routeOf(request: Request): string {
  const [first = '', second, ...rest] = requestPath(request).split('/').slice(1);
  if (['healthz', 'readyz', 'tokens', 'createtoken', 'openapi.json'].includes(first.toLowerCase()))
    return `/${first.toLowerCase()}`;
  if (first === 'services' || first === 'rooms') {
    return pattern([first], second === undefined ? rest : [second, ...rest]);
  }
  if (['v1', 'v1.1', 'cluster'].includes(first) && second !== undefined && words.has(second)) {
    return pattern([first, second], rest);
  }
  return 'other';
}

function pattern(fixed: readonly string[], rest: readonly string[]): string {
  if (rest.length > 3) return 'other';
  const shown = rest.map((segment, at) => (at % 2 === 1 && words.has(segment) ? segment : ':id'));
  return `/${[...fixed, ...shown].join('/')}`;
}
