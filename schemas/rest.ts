// Owns the list of all routes of the management interface as data: what its OpenAPI description, the page that shows it
// and the tests of authorization are made from. A test holds it against the real routes.
import { clusterRoutes, descriptionRoutes, keyRoutes } from './rest/cluster.ts';
import { roomRoutes } from './rest/rooms.ts';
import type { RestRoute } from './rest/route.ts';
import { serverSessionRoutes } from './rest/server-sessions.ts';
import { serviceRoutes } from './rest/services.ts';
import { webhookRoutes } from './rest/webhooks.ts';

function below(version: 'v1' | 'v1.1'): readonly RestRoute[] {
  const routes = [...roomRoutes(version), ...serverSessionRoutes(version)];
  return routes.map((route) => ({ ...route, path: `/${version}${route.path}`, access: 'service' }));
}

export const restRoutes: readonly RestRoute[] = [
  ...serviceRoutes,
  ...webhookRoutes,
  ...below('v1'),
  ...below('v1.1'),
  ...clusterRoutes,
  ...keyRoutes,
  ...descriptionRoutes,
];

/** OWT's experimental interface below this path is answered with 404 and a text that says so (spec rest-api §12). */
export const notOffered = '/v1.1/stream-engine';
