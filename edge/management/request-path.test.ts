import { expect, it } from 'vitest';
import { requestPath } from './request-path.ts';

it.each([
  ['/', '/'],
  ['/v1/rooms', '/v1/rooms'],
  ['/V1.1/Rooms/AbC/Streams/XyZ/', '/v1.1/rooms/AbC/streams/XyZ'],
  ['/v1/rooms/AbC/streaming-ins/?page=1', '/v1/rooms/AbC/streaming-ins'],
  ['/Services/5F///', '/services/5F'],
  ['/Services/5F/Audit', '/services/5F/audit'],
  ['/Cluster/Nodes/Edge-1/Config/', '/cluster/nodes/Edge-1/config'],
  ['/OpenAPI.json', '/openapi.json'],
  ['/createToken', '/createtoken'],
  ['/Rooms/AbC/Participants/Q', '/rooms/AbC/participants/Q'],
  ['/v1/rooms/a%2Fb', '/v1/rooms/a%2Fb'],
])('rest-api#15 %s is routed as %s', (path, routed) => {
  expect(requestPath(new Request(`http://edge:3000${path}`))).toBe(routed);
});
