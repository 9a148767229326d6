// Owns the routes of the cluster and of the interface's own description (spec rest-api §13).
import * as v from 'valibot';
import { clusterNodeSchema, liveRoomSchema, nodeConfigSchema } from '../cluster.ts';
import type { RestRoute } from './route.ts';

const tag = 'Cluster';
const node = {
  id: 'edge-1',
  purposes: ['portal'],
  state: 'ready',
  load: { portal: 0.12 },
  maxLoad: 0.85,
  capacity: { isps: [], regions: ['eu-west'] },
  portal: { host: 'meet.example:3004', secure: true },
};

export const clusterRoutes: readonly RestRoute[] = [
  {
    method: 'GET',
    path: '/cluster/nodes',
    tag,
    access: 'super-service',
    summary: 'List the living edges and media workers',
    reply: { type: 'json', schema: v.array(clusterNodeSchema), example: [node] },
  },
  {
    method: 'GET',
    path: '/cluster/nodes/{node}',
    tag,
    access: 'super-service',
    summary: 'Show a node, by its id or its place in the list',
    reply: { type: 'json', schema: clusterNodeSchema, example: node },
    errors: ['not-found'],
  },
  {
    method: 'GET',
    path: '/cluster/nodes/{node}/config',
    tag,
    access: 'super-service',
    summary: 'What a node runs with',
    details: 'An edge shows its settings with secrets masked, a media worker what it announced.',
    reply: { type: 'json', schema: nodeConfigSchema, example: { http: { port: 3000 } } },
    errors: ['not-found', 'unavailable'],
  },
  {
    method: 'GET',
    path: '/cluster/rooms',
    tag,
    access: 'super-service',
    summary: 'List the live rooms of all services, and where they live',
    reply: {
      type: 'json',
      schema: v.array(liveRoomSchema),
      example: [
        {
          id: '5f1e9c2ab7d8e90012ab34d0',
          name: 'weekly',
          service: '5f1e9c2ab7d8e90012ab34cd',
          edges: ['edge-1'],
          node: 'edge-1',
          participants: 3,
          streams: 3,
          subscriptions: 3,
          workers: ['worker-7'],
        },
      ],
    },
  },
];

export const descriptionRoutes: readonly RestRoute[] = [
  {
    method: 'GET',
    path: '/openapi.json',
    tag: 'Description',
    access: 'anyone',
    summary: 'This description, as OpenAPI 3.1',
    reply: { type: 'json', schema: v.looseObject({ openapi: v.string() }) },
  },
];
