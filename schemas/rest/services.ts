// Owns the routes of services and what is written down about them (spec rest-api §4).
import * as v from 'valibot';
import { auditEntrySchema } from '../audit.ts';
import { createServiceSchema, serviceSchema } from '../management.ts';
import { changeServiceKeySchema } from '../service-key.ts';
import { importedRoomSchema, importRoomsSchema } from '../room-import.ts';
import type { RestRoute } from './route.ts';

const tag = 'Services';
const shownSchema = v.omit(serviceSchema, ['oldKey', 'webhooks']);
const service = {
  _id: '5f1e9c2ab7d8e90012ab34cd',
  name: 'classroom',
  key: 'AQEBd3…',
  encrypted: true,
  rooms: ['5f1e9c2ab7d8e90012ab34d0'],
};

export const serviceRoutes: readonly RestRoute[] = [
  {
    method: 'POST',
    path: '/services',
    tag,
    access: 'super-service',
    summary: 'Create a service',
    details:
      'A service is a tenant with rooms of its own. Its key signs its requests; it is stored sealed and can never be read back. Names are unique. One that moves here from an OWT server brings its `_id` to keep it; that is not in OWT.',
    body: { schema: createServiceSchema, example: { name: 'classroom', key: 'a long random text' } },
    reply: { type: 'json', schema: shownSchema, example: service },
  },
  {
    method: 'GET',
    path: '/services',
    tag,
    access: 'super-service',
    summary: 'List all services',
    reply: { type: 'json', schema: v.array(shownSchema), example: [service] },
  },
  {
    method: 'GET',
    path: '/services/{service}',
    tag,
    access: 'named-service',
    summary: 'Show a service',
    reply: { type: 'json', schema: shownSchema, example: service },
  },
  {
    method: 'PATCH',
    path: '/services/{service}',
    tag,
    access: 'named-service',
    summary: 'Change the key of a service',
    details:
      'Requests signed with the new key are accepted at once. For `overlapSeconds`, 0 when absent, those signed with the key before it are accepted too, so that many machines can be given the new one.',
    body: {
      schema: changeServiceKeySchema,
      example: { key: 'another long random text', overlapSeconds: 3600 },
    },
    reply: { type: 'json', schema: shownSchema, example: service },
  },
  {
    method: 'DELETE',
    path: '/services/{service}',
    tag,
    access: 'super-service',
    summary: 'Delete a service with all its rooms',
    details:
      'Live sessions of its rooms end and their participants are told. The super service itself cannot be deleted: 401 with a plain text.',
    reply: { type: 'text', example: 'Service deleted' },
  },
  {
    method: 'POST',
    path: '/services/{service}/import',
    tag,
    access: 'named-service',
    summary: 'Bring rooms in that were exported from an OWT server',
    details:
      'Rooms keep their ids; each is checked like a new one, so that a bad one stops no other. The body may have 4 MB and 500 rooms. Not in OWT.',
    body: {
      schema: importRoomsSchema,
      example: { rooms: [{ _id: '5f1e9c2ab7d8e90012ab34d0', name: 'weekly' }], dryRun: true },
    },
    reply: {
      type: 'json',
      schema: v.array(importedRoomSchema),
      example: [{ id: '5f1e9c2ab7d8e90012ab34d0', name: 'weekly', status: 'created', changes: [] }],
    },
  },
  {
    method: 'GET',
    path: '/services/{service}/audit',
    tag,
    access: 'named-service',
    summary: 'What was done in the name of a service',
    details:
      'Every operation that changes something and every refused authentication that claimed the service, oldest first. Without `since` these are the latest ones. The super service also finds refusals that claimed no service under its own id.',
    query: {
      since: {
        schema: v.pipe(v.number(), v.minValue(0)),
        meaning: 'The first ones at or after this time, in milliseconds since 1970',
      },
      limit: {
        schema: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(1000)),
        meaning: 'At most so many; 100 when absent',
      },
    },
    reply: {
      type: 'json',
      schema: v.array(auditEntrySchema),
      example: [
        {
          request: '3f9c0a6d1b2e4875',
          at: 1_700_000_000_000,
          kind: 'done',
          by: 'service',
          service: service._id,
          address: '192.0.2.7',
          method: 'DELETE',
          path: '/v1/rooms/5f1e9c2ab7d8e90012ab34d0',
          room: '5f1e9c2ab7d8e90012ab34d0',
          status: 200,
        },
      ],
    },
    errors: ['bad-request'],
  },
];
