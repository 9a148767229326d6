// Owns the routes of the cluster and of the interface's own description (spec rest-api §13).
import * as v from 'valibot';
import {
  clusterDeviceSchema,
  clusterNodeSchema,
  deviceDrainSchema,
  drainedDeviceSchema,
  drainedNodeSchema,
  liveRoomSchema,
  nodeConfigSchema,
  nodeDrainSchema,
} from '../cluster.ts';
import { mediaUseSchema } from '../device.ts';
import { keyKinds, serverKeysSchema } from '../server-keys.ts';
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

const device = {
  id: 'gpu-7.4711.renderD128',
  host: 'gpu-7.4711',
  node: '/dev/dri/renderD128',
  state: 'used',
};
const pipeline = {
  room: '5f1e9c2ab7d8e90012ab34d0',
  mixer: '5f1e9c2ab7d8e90012ab34d0-common',
  engine: 'vaapi',
  framerate: { wanted: 30, made: 30, limit: 30 },
  decodeMs: { p50: 0.4, p99: 0.9 },
  composeMs: { p50: 1.1, p99: 1.6 },
  encodeMs: { p50: 2.9, p99: 4.2 },
  share: 0.168,
  queue: 1,
  rebuilds: 0,
  fallbacks: 0,
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
    method: 'PATCH',
    path: '/cluster/nodes/{node}',
    tag,
    access: 'super-service',
    summary: 'Drain a media worker, or give it new work again',
    details:
      'It takes nothing new and its mixers go to other workers where there are any; what else is on it goes on. It holds until it is taken back, or the worker’s process ends. Ask again to see in how many rooms it still has something. An edge is drained where it runs: by SIGTERM.',
    body: { schema: nodeDrainSchema, example: { drain: true } },
    reply: {
      type: 'json',
      schema: drainedNodeSchema,
      example: { id: 'worker-7', state: 'draining', rest: { rooms: 2 } },
    },
    errors: ['bad-request', 'not-found', 'unavailable'],
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
    path: '/cluster/nodes/{node}/media',
    tag,
    access: 'super-service',
    summary: 'How the GPU and the video pipelines of a media worker fare',
    details:
      'Shares of time are of the last second, distributions of the last five. What Linux does not tell of a GPU is not there. The pipelines that take most come first, 128 at most; `more` are not listed. An edge has none.',
    reply: {
      type: 'json',
      schema: mediaUseSchema,
      example: {
        device: {
          host: device.host,
          node: device.node,
          state: device.state,
          part: 1,
          taken: 0.168,
          next: 0.168,
          busy: { render: 0.06, video: 0.11 },
          memoryBytes: { system: 41_943_040 },
          frequencyHz: { gt0: 1_150_000_000 },
        },
        pipelines: [pipeline],
        more: 0,
      },
    },
    errors: ['not-found', 'unavailable'],
  },
  {
    method: 'GET',
    path: '/cluster/devices',
    tag,
    access: 'super-service',
    summary: 'List the GPUs of the living media workers',
    reply: {
      type: 'json',
      schema: v.array(clusterDeviceSchema),
      example: [{ ...device, workers: ['worker-7'], load: 0.21 }],
    },
  },
  {
    method: 'PATCH',
    path: '/cluster/devices/{device}',
    tag,
    access: 'super-service',
    summary: 'Drain a GPU, or use it again',
    details:
      'Its workers take no new work, and their mixers go to other workers where there are any; with `software` they stay and go on without it. It holds until it is taken back, or the worker host is started anew. Ask again to see what is still on it: it is free when `mixers` and `silent`, its workers that did not answer in time, are 0.',
    body: { schema: deviceDrainSchema, example: { drain: true } },
    reply: {
      type: 'json',
      schema: drainedDeviceSchema,
      example: { id: device.id, state: 'draining', rest: { rooms: 2, mixers: 1, silent: 0 } },
    },
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

const keyDetails: Readonly<Record<(typeof keyKinds)[number], string>> = {
  token: 'Join tokens made before stay good for their three minutes.',
  ticket: 'Reconnection tickets made before stay good for their ten minutes.',
  'secret-box': 'Service keys and passwords sealed before stay readable.',
};

export const keyRoutes: readonly RestRoute[] = keyKinds.map((kind): RestRoute => ({
  method: 'POST',
  path: `/cluster/keys/${kind}`,
  tag,
  access: 'super-service',
  summary: `Replace the ${kind} key of the cluster`,
  details: `${keyDetails[kind]} The new key is used some seconds later, when every edge knows it. Keys themselves are never told.`,
  reply: {
    type: 'json',
    schema: serverKeysSchema,
    example: {
      current: { id: '9c8d7e6f', since: 1_700_000_000_000 },
      previous: [{ id: '0a1b2c3d', since: 1_690_000_000_000, until: 1_700_000_630_000 }],
    },
  },
  errors: ['operation-failed'],
}));

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
